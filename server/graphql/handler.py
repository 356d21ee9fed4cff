"""Executes GraphQL requests and builds response bodies, whatever the transport."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple

from graphql import FieldNode

from cache.redis.cost_limits import ClientBudget
from common.tracing.span_types import ENCODE, EXECUTE
from common.tracing.trace import current_trace, record, span
from db.core.replication.position import UNKNOWN_POSITION
from db.core.wait_budget import shared_wait_budget
from domain.accounts import MUTATIONS_OF_DELETED_ACCOUNTS, AccountDeletion
from domain.brownouts import check_brownouts
from domain.errors import AccountDeleted, ClientError
from engine.caching.policy import NO_STORE, CacheControl, CachedRootField, FieldCacheView
from engine.request.document import Document
from engine.request.operations import Operation, Operations, SourceEvent
from engine.run.deadline import Deadline
from resolvers.context import Context
from server.caching.trusted_documents import TrustedDocument
from server.context import RequestInfo, open_context
from server.graphql.cost_charge import CostCharge, CostOptions
from server.graphql.debug_extensions import debug_extensions
from server.graphql.deprecation_notice import DeprecationNotice, build_notice
from server.graphql.document_source import DocumentSource, record_source, resolve_document
from server.graphql.response_body import Body, encode_body
from server.http.admission import Admission
from server.http.consistency import EXTENSION
from server.http.request import GraphQLRequest
from server.observability.error_log import bind_fields
from server.observability.resolver_metrics import record_resolvers

_NO_DATA = Body(b'{"data":null}')


class GraphQLResponse(NamedTuple):
    """A response body and how long it may be cached. `parts`: the cached values of an entirely public response.

    `budget`: of the client, if cost is limited. `document_id`: of a trusted document. `notice`: of what is
    deprecated. `consistency_token`: of what a mutation wrote, with replicas.
    """

    body: Body
    freshness: CacheControl
    operation: Operation
    parts: Sequence[CachedRootField]
    budget: ClientBudget | None
    document_id: str | None = None
    notice: DeprecationNotice | None = None
    consistency_token: str | None = None


class LoadedOperation(NamedTuple):
    """`trusted`: its document, if it is a trusted one. `notice`: of what is deprecated when it is loaded. `budget`: of
    the client, if cost is limited.
    """

    operation: Operation
    trusted: TrustedDocument | None
    notice: DeprecationNotice | None
    budget: ClientBudget | None


class GraphQLHandler:
    """Loads and executes operations."""

    def __init__(self, operations: Operations, max_running: int = 0) -> None:
        self.operations = operations
        self.admission = Admission(max_running)

    async def execute(
        self, request_info: RequestInfo, parameters: GraphQLRequest, deadline: Deadline, *, read_only: bool
    ) -> GraphQLResponse:
        """Execute a query or mutation within an entered deadline.

        Raises RequestError and ClientError if the response has no `data`.
        """
        cost_options = CostOptions.parse(parameters.extensions)
        # Before anything else: a rejection must cost little.
        async with self.admission.slot(request_info.admission_client()):
            with shared_wait_budget():
                return await self._execute_admitted(request_info, parameters, deadline, cost_options, read_only)

    async def _execute_admitted(
        self,
        request_info: RequestInfo,
        parameters: GraphQLRequest,
        deadline: Deadline,
        cost_options: CostOptions,
        read_only: bool,
    ) -> GraphQLResponse:
        request_info = request_info.with_extensions(parameters.extensions)
        async with open_context(request_info, admits_deleted=True) as context:
            operation, trusted, notice, budget = await self._load_operation(
                request_info, parameters, context, read_only=read_only, allow_subscriptions=False
            )
            if context.deletion is not None:
                _check_deleted_account(context.deletion, operation, context.now)
            cache = context.cache
            if cost_options.dry_run:
                body = await measure_operation(operation, budget, cost_options, notice)
                return GraphQLResponse(body, NO_STORE, operation, (), budget, notice=notice)
            with await CostCharge.reserve(operation, budget, cost_options) as charge:
                body = await self.execute_operation(operation, context, deadline, cache=cache, charge=charge)
            extensions, token = await debug_extensions(context), written_position(operation, context)
            if token is not None:
                extensions[EXTENSION] = token
            if cost_options.is_shown:
                extensions["cost"] = charge.extension(cost_options)
            if notice is not None:
                extensions["deprecations"] = notice.items
            body = body.with_extensions(extensions)
            # Other requests have another cost.
            if cache is None or body.errors or cost_options.is_shown:
                return GraphQLResponse(body, NO_STORE, operation, (), budget, notice=notice, consistency_token=token)
            # The response cache has responses without extensions.
            parts = cache.parts if notice is None else ()
            document_id = None if trusted is None else trusted.id
            return GraphQLResponse(body, cache.freshness, operation, parts, budget, document_id, notice, token)

    async def execute_operation(
        self,
        operation: Operation,
        context: Context,
        deadline: Deadline,
        *,
        event: SourceEvent | None = None,
        cache: FieldCacheView | None = None,
        charge: CostCharge,
    ) -> Body:
        """Execute a loaded operation, a subscription for one event. Raises ClientError if there is no `data`.

        `charge`: gets the data.
        """
        operations, is_mutation = self.operations, operation.kind == "mutation"
        if operation.kind == "query" and context.services.replicas is not None:
            await context.read_from_replica()
        with span(EXECUTE, "execute"):
            result = await operations.run(
                operation, context, event, cache, deadline, traces_fields=context.debug.fields
            )
        if context.debug.fields:
            record_resolvers(current_trace())
        charge.deliver(result.data)
        if is_mutation:
            deadline.disarm()
        started_at = perf_counter()
        body = await encode_body(result, operations.result_limits, context.request_id, is_mutation=is_mutation)
        record(ENCODE, "encode", started_at, perf_counter(), len(body.encoded))
        return body

    async def load_operation(
        self, request_info: RequestInfo, parameters: GraphQLRequest, *, read_only: bool
    ) -> LoadedOperation:
        """Load an operation of any kind for a streaming transport. Raises RequestError and ClientError."""
        async with open_context(request_info) as context:
            return await self._load_operation(
                request_info, parameters, context, read_only=read_only, allow_subscriptions=True
            )

    async def is_subscription(self, request_info: RequestInfo, parameters: GraphQLRequest) -> bool:
        """Whether the operation is a valid subscription."""
        if parameters.query and "subscription" not in parameters.query:
            return False
        try:
            source = await resolve_document(request_info, parameters, await request_info.viewer())
            if "subscription" not in source.text:
                return False
            document = await self._load_document(request_info, source, introspection=False)
        except ClientError:
            return False
        return self.operations.is_subscription(document, parameters.operation_name)

    async def _load_operation(
        self,
        request_info: RequestInfo,
        parameters: GraphQLRequest,
        context: Context,
        *,
        read_only: bool,
        allow_subscriptions: bool,
    ) -> LoadedOperation:
        """Raises PartUnavailable for a deprecated part during a brown-out."""
        viewer = context.reads.viewer
        source = await resolve_document(request_info, parameters, viewer)
        document = await self._load_document(request_info, source, introspection=context.introspection)
        operation = self.operations.prepare(
            document,
            parameters.operation_name,
            parameters.variables,
            introspection=context.introspection,
            read_only=read_only,
            streams=allow_subscriptions,
            on_error=parameters.on_error,
        )
        bind_fields(operation=operation.name, kind=operation.kind)
        document_id = None if source.trusted is None else source.trusted.id
        request_info.record_usage(document.used, operation.used_inputs, document_id, viewer)
        record_source(request_info, viewer, document_id, source.text)
        # Only documents of valid operations are stored.
        if document_id is None and "persistedQuery" in parameters.extensions:
            resolved = parameters._replace(query=source.text)
            await request_info.state.persisted_queries.store(resolved, request_info.admit_persisted_query)
        notice = self.build_notice(operation, request_info, source.trusted)
        return LoadedOperation(operation, source.trusted, notice, context.budget)

    def build_notice(
        self, operation: Operation, request_info: RequestInfo, trusted: TrustedDocument | None = None
    ) -> DeprecationNotice | None:
        """Return a notice if the operation uses something deprecated. Raises PartUnavailable during a brown-out."""
        if trusted is not None:
            # Since a stream was opened, the states of versions may have changed.
            trusted = request_info.state.trusted_documents.get(trusted.id) or trusted
        if not operation.deprecated and (trusted is None or trusted.deprecated_since is None):
            return None
        brownouts, now = request_info.state.settings.parsed_brownouts, datetime.now(UTC)
        check_brownouts(brownouts, operation.deprecated, now)
        return build_notice(self.operations.documents.deprecations, operation.deprecated, trusted, brownouts, now)

    async def _load_document(
        self, request_info: RequestInfo, source: DocumentSource, *, introspection: bool
    ) -> Document:
        trace = current_trace()
        if trace is not None:
            trace.document = source.text
        documents, trusted = self.operations.documents, source.trusted
        if trusted is not None:
            compiled = request_info.state.trusted_documents.compiled(trusted)
            # The client takes turns with others; its number of registered documents is not limited.
            return compiled or await documents.load(trusted.text, introspection=False, admit=request_info.client_id)
        admit: Callable[[], Awaitable[str]] = partial(request_info.admit_new_document, source.text)
        return await documents.load(source.text, introspection=introspection, admit=admit)


async def measure_operation(
    operation: Operation, budget: ClientBudget | None, options: CostOptions, notice: DeprecationNotice | None
) -> Body:
    """Return the response of a dry run. Raises CostLimited."""
    extensions: dict[str, Any] = {"cost": await CostCharge(operation, budget).measure(options)}
    if notice is not None:
        extensions["deprecations"] = notice.items
    return _NO_DATA.with_extensions(extensions)


def written_position(operation: Operation, context: Context) -> str | None:
    """Return the consistency token of what a mutation wrote."""
    after = context.reads.after
    if operation.kind != "mutation" or after is None or after is UNKNOWN_POSITION:
        return None
    return after.encode()


def _check_deleted_account(deletion: AccountDeletion, operation: Operation, now: datetime) -> None:
    """Raises AccountDeleted unless the operation only restores the account or exports its data."""
    names = {
        selection.name.value if isinstance(selection, FieldNode) else None
        for selection in operation.node.selection_set.selections
    }
    # Caches of clients add it to every selection.
    names.discard("__typename")
    if operation.kind != "mutation" or not names <= MUTATIONS_OF_DELETED_ACCOUNTS or deletion.erased_at <= now:
        raise AccountDeleted(deletion.requested_at, deletion.erased_at)
