"""Executes GraphQL requests and builds response bodies, whatever the transport."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from db.core.wait_budget import shared_wait_budget
from domain.errors import ClientError
from engine.caching.policy import NO_STORE, CacheControl, CachedRootField, FieldCacheView
from engine.request.document import Document
from engine.request.operations import Operation, Operations, SourceEvent
from engine.run.deadline import Deadline
from resolvers.context import Context
from server.context import RequestInfo, open_context
from server.graphql.response_body import Body, encode_body
from server.http.request import GraphQLRequest
from server.observability.error_log import bind_fields


class GraphQLResponse(NamedTuple):
    """A response body and how long it may be cached. `parts`: the cached values of an entirely public response."""

    body: Body
    freshness: CacheControl
    operation: Operation
    parts: Sequence[CachedRootField]


class GraphQLHandler:
    """Loads and executes operations."""

    def __init__(self, operations: Operations) -> None:
        self.operations = operations

    async def resolve_persisted_query(self, request_info: RequestInfo, parameters: GraphQLRequest) -> GraphQLRequest:
        """Fill in the document of `extensions.persistedQuery`. Raises ClientError."""
        if "persistedQuery" not in parameters.extensions:
            return parameters
        return await request_info.state.persisted_queries.resolve(parameters)

    async def execute(
        self, request_info: RequestInfo, parameters: GraphQLRequest, deadline: Deadline, *, read_only: bool
    ) -> GraphQLResponse:
        """Execute a query or mutation within an entered deadline.

        Raises RequestError and ClientError if the response has no `data`.
        """
        with shared_wait_budget():
            async with open_context(request_info) as context:
                operation = await self._load_operation(
                    request_info, parameters, context, read_only=read_only, allow_subscriptions=False
                )
                cache = context.cache
                body = await self.execute_operation(operation, context, deadline, cache=cache)
                body = body.with_extensions(statistics_extension(context))
                if cache is None or body.errors:
                    return GraphQLResponse(body, NO_STORE, operation, ())
                return GraphQLResponse(body, cache.freshness, operation, cache.parts)

    async def execute_operation(
        self,
        operation: Operation,
        context: Context,
        deadline: Deadline,
        *,
        event: SourceEvent | None = None,
        cache: FieldCacheView | None = None,
    ) -> Body:
        """Execute a loaded operation, a subscription for one event. Raises ClientError if there is no `data`."""
        operations, is_mutation = self.operations, operation.kind == "mutation"
        result = await operations.run(operation, context, event, cache, deadline)
        if is_mutation:
            deadline.disarm()
        return await encode_body(result, operations.result_limits, context.request_id, is_mutation=is_mutation)

    async def load_operation(
        self, request_info: RequestInfo, parameters: GraphQLRequest, *, read_only: bool
    ) -> Operation:
        """Load an operation of any kind for a streaming transport. Raises RequestError and ClientError."""
        async with open_context(request_info) as context:
            return await self._load_operation(
                request_info, parameters, context, read_only=read_only, allow_subscriptions=True
            )

    async def is_subscription(self, request_info: RequestInfo, parameters: GraphQLRequest) -> bool:
        """Whether the operation is a valid subscription."""
        if "subscription" not in parameters.query:
            return False
        try:
            document = await self._load_document(request_info, parameters.query, introspection=False)
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
    ) -> Operation:
        document = await self._load_document(request_info, parameters.query, introspection=context.introspection)
        operation = self.operations.prepare(
            document,
            parameters.operation_name,
            parameters.variables,
            introspection=context.introspection,
            read_only=read_only,
            streams=allow_subscriptions,
        )
        bind_fields(operation=operation.name, kind=operation.kind)
        if document.deprecated:
            request_info.record_deprecated_usage(document.deprecated)
        # Only documents of valid operations are stored.
        if "persistedQuery" in parameters.extensions:
            await request_info.state.persisted_queries.store(parameters, request_info.admit_persisted_query)
        return operation

    async def _load_document(self, request_info: RequestInfo, text: str, *, introspection: bool) -> Document:
        admit: Callable[[], Awaitable[str]] = partial(request_info.admit_new_document, text)
        return await self.operations.documents.load(text, introspection=introspection, admit=admit)


def statistics_extension(context: Context) -> dict[str, Any]:
    """Return `extensions.stats` if the client requested them and may see them."""
    return {"stats": context.statistics.as_extension()} if context.show_statistics else {}
