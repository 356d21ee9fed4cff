"""From what a caller asks to the body of the answer: the same for every way of asking."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from db.core.wait_budget import shared_wait_budget
from domain.errors import ClientError, ErrorCode
from domain.request_stats import RequestStatistics
from engine.caching.policy import NOT_KEPT, CacheAccess, CachedPart, Freshness
from engine.request.document_cache import Document
from engine.request.operations import Operation, Operations, RequestErrors, SourceEvent
from engine.run.deadline import Deadline
from server.graphql.error_format import MASKED, error_body, formatted
from server.graphql.persisted_queries import PersistedQueries
from server.graphql.response_body import Body, encode_body
from server.http.request import GraphQLRequest
from server.observability.error_log import bind_fields, record_bug, record_error


class OperationContext(Protocol):
    """What the server needs to know of a context."""

    @property
    def statistics(self) -> RequestStatistics: ...
    @property
    def show_statistics(self) -> bool: ...
    @property
    def introspection(self) -> bool: ...
    @property
    def cache(self) -> CacheAccess | None: ...


# Checks who the caller is. Raises Unauthenticated.
OpenContext = Callable[[Any], AbstractAsyncContextManager[OperationContext]]


@dataclass(frozen=True, slots=True)
class Answer:
    """How long it may be kept, and what it is put together of, where all of it is in the cache and for everybody."""

    body: Body
    freshness: Freshness
    operation: Operation
    parts: Sequence[CachedPart]


class Pipeline:
    """`on_deprecated` is told the coordinates of deprecated parts of the schema when a caller's operation uses them.

    `persisted_queries`: those that a caller may name.
    """

    def __init__(
        self,
        operations: Operations,
        open_context: OpenContext,
        on_deprecated: Callable[[Any, tuple[str, ...]], None],
        persisted_queries: Callable[[Any], PersistedQueries],
    ) -> None:
        self.operations = operations
        self.open_context = open_context
        self._on_deprecated = on_deprecated
        self._persisted_queries = persisted_queries

    async def resolved(self, caller: Any, parameters: GraphQLRequest) -> GraphQLRequest:
        """With the document that `extensions.persistedQuery` stands for. Raises ClientError."""
        if "persistedQuery" not in parameters.extensions:
            return parameters
        return await self._persisted_queries(caller).resolved(parameters)

    async def run(
        self, caller: Any, parameters: GraphQLRequest, request_id: str, deadline: Deadline, *, read_only: bool
    ) -> Answer:
        """The answer. Raises RequestErrors and ClientError where there is no `data`.

        `deadline`: in which this is called.
        """
        with shared_wait_budget():
            return await self._run(caller, parameters, request_id, deadline, read_only=read_only)

    async def _run(
        self, caller: Any, parameters: GraphQLRequest, request_id: str, deadline: Deadline, *, read_only: bool
    ) -> Answer:
        async with self.open_context(caller) as context:
            operation = await self._prepare(caller, parameters, context, read_only=read_only, streams=False)
            await self._keep(caller, parameters)
            body = await self.executed(operation, context, request_id, deadline, cache=context.cache)
            body, cache = body.extended(statistics_of(context)), context.cache
            if cache is None or body.errors:
                return Answer(body, NOT_KEPT, operation, ())
            return Answer(body, cache.freshness, operation, cache.parts)

    async def executed(
        self,
        operation: Operation,
        context: OperationContext,
        request_id: str,
        deadline: Deadline,
        *,
        event: SourceEvent | None = None,
        cache: CacheAccess | None = None,
    ) -> Body:
        """The answer's body, without extensions. Raises ClientError where there is no `data`."""
        operations, is_mutation = self.operations, operation.kind == "mutation"
        result = await operations.run(operation, context, event, cache, deadline)
        if is_mutation:
            deadline.disarm()
        return await encode_body(result, operations.result_limits, request_id, is_mutation=is_mutation)

    async def prepare(self, caller: Any, parameters: GraphQLRequest, *, read_only: bool) -> Operation:
        """The operation, of any kind, to be run as a stream. Raises RequestErrors and ClientError."""
        async with self.open_context(caller) as context:
            operation = await self._prepare(caller, parameters, context, read_only=read_only, streams=True)
            await self._keep(caller, parameters)
            return operation

    async def is_subscription(self, caller: Any, parameters: GraphQLRequest) -> bool:
        """Whether the operation is one that can run. Why it cannot, `run` and `prepare` say."""
        if "subscription" not in parameters.query:
            return False
        try:
            document = await self._load(caller, parameters.query, introspection=False)
        except ClientError:
            return False
        return self.operations.is_subscription(document, parameters.operation_name)

    async def _load(self, caller: Any, text: str, *, introspection: bool) -> Document:
        admit: Callable[[], Awaitable[str]] = partial(caller.admit_new_document, text)
        return await self.operations.documents.load(text, introspection=introspection, admit=admit)

    async def _keep(self, caller: Any, parameters: GraphQLRequest) -> None:
        """The document is valid, and may be asked for by its hash from now on."""
        if "persistedQuery" in parameters.extensions:
            await self._persisted_queries(caller).keep(parameters, caller.admit_persisted_query)

    async def _prepare(
        self, caller: Any, parameters: GraphQLRequest, context: OperationContext, *, read_only: bool, streams: bool
    ) -> Operation:
        document = await self._load(caller, parameters.query, introspection=context.introspection)
        operation = self.operations.prepare(
            document,
            parameters.operation_name,
            parameters.variables,
            introspection=context.introspection,
            read_only=read_only,
            streams=streams,
        )
        bind_fields(operation=operation.name, kind=operation.kind)
        if operation.document.deprecated:
            self._on_deprecated(caller, operation.document.deprecated)
        return operation


def statistics_of(context: OperationContext) -> dict[str, Any]:
    """The extensions that tell them, where the caller may see them."""
    return {"stats": context.statistics.as_extension()} if context.show_statistics else {}


def errors_of(error: Exception, request_id: str) -> list[dict[str, Any]]:
    """The errors of an answer without `data`. What is not ours is logged, and masked."""
    if isinstance(error, RequestErrors):
        return formatted(error.errors, request_id)
    if isinstance(error, ClientError):
        record_error(error)
        return [error_body(error.message, error.extensions, request_id)]
    record_bug("request failed", error)
    return [error_body(MASKED, {"code": ErrorCode.INTERNAL_SERVER_ERROR.value}, request_id)]
