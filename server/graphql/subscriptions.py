"""Runs subscriptions for every streaming transport, with limits of their number and lifetime."""

import asyncio
import hashlib
import random
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from graphql import FieldNode, GraphQLError
from graphql.error import located_error

from common.metrics.instruments import UpDownCounter
from common.shared_calls import SharedCalls
from db.core.wait_budget import shared_wait_budget
from domain.errors import ClientError, CostLimited, RateLimited, ServiceUnavailable, Unauthenticated
from domain.rate_limits import STREAMS
from domain.request_limits import RequestLimit
from domain.viewer import Viewer
from engine.coordinates import with_coordinate
from engine.request.operations import Operation, SourceEvent
from engine.run.deadline import Deadline
from server.context import RequestInfo, open_context
from server.error_format import format_errors, format_request_error
from server.graphql.cost_charge import NO_COST_OPTIONS, CostCharge, CostOptions
from server.graphql.debug_extensions import debug_extensions
from server.graphql.handler import GraphQLHandler, LoadedOperation, measure_operation, written_position
from server.graphql.response_body import Body
from server.graphql.source_events import KeepAlive, events_until
from server.http.consistency import EXTENSION
from server.observability.error_log import record_error
from server.observability.request_metrics import record_operation
from server.observability.request_traces import event_trace

# Delay before an event is executed again that failed because a service was unavailable.
_RETRY_SECONDS = 2.0

_STREAMS = UpDownCounter("shinjp_streams", "Open subscriptions, over all transports.")


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """A response to send. `id`: for Last-Event-ID. `digest`: of the body without extensions."""

    payload: Body
    id: int | None = None
    digest: bytes = b""


class StreamClosed(Exception):
    """The server closes the stream before the subscription completes: the client should reconnect."""


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """`max_per_user`: concurrent streams in this process. The others are in seconds."""

    max_per_user: int
    max_lifetime: float
    keepalive_interval: float
    event_timeout: float


class Subscriptions:
    """All streams of a process."""

    def __init__(self, handler: GraphQLHandler, limits: StreamLimits) -> None:
        self._handler = handler
        self._limits = limits
        self._counts: Counter[UUID] = Counter()
        self._shared = SharedCalls()
        # Each stream closes when its future is done.
        self._deadlines: set[asyncio.Future[None]] = set()
        self._is_closing = False

    @property
    def count(self) -> int:
        return len(self._deadlines)

    def close(self, seconds: float = 0) -> None:
        """Close all current and future streams, because the server is shutting down.

        The current ones close at random times within `seconds`, so that clients do not all reconnect together.
        """
        self._is_closing = True
        loop = asyncio.get_running_loop()
        for deadline in self._deadlines:
            if seconds:
                loop.call_later(random.uniform(0, seconds), _expire, deadline)  # noqa: S311  # no secret
            else:
                _expire(deadline)

    async def run(
        self, loaded: LoadedOperation, request_info: RequestInfo, cost_options: CostOptions = NO_COST_OPTIONS
    ) -> AsyncGenerator[StreamEvent | KeepAlive, None]:
        """Yield events until the operation completes; a query, a mutation and a dry run have one.

        A request error is the last event.

        Raises StreamClosed when the server shuts down, the viewer gets another role, or the stream reaches its maximum
        lifetime.
        """
        request_id, operation = request_info.request_id, loaded.operation
        try:
            if cost_options.dry_run:
                async with self._handler.admission.slot(request_info.admission_client()):
                    body = await measure_operation(operation, loaded.budget, cost_options, loaded.notice)
                yield StreamEvent(body)
            elif operation.kind == "subscription":
                async with aclosing(self._subscribe(loaded, request_info, cost_options)) as events:
                    async for event in events:
                        yield event
            else:
                yield await self._execute_event(loaded, request_info, cost_options)
        except StreamClosed:
            raise
        except ClientError as error:
            yield StreamEvent(Body.from_errors(format_errors([_locate_error(error, operation)], request_id)))
        except Exception as error:
            yield StreamEvent(Body.from_errors(format_request_error(error, request_id)))

    async def _subscribe(
        self, loaded: LoadedOperation, request_info: RequestInfo, cost_options: CostOptions
    ) -> AsyncGenerator[StreamEvent | KeepAlive, None]:
        expires_at = await request_info.expires_at()
        await request_info.acquire(STREAMS)
        async with open_context(request_info) as context:
            viewer, accounts = context.viewer, request_info.state.viewer_cache
            with (
                self._limit_per_user(viewer),
                self._stream_deadline(expires_at) as deadline,
                accounts.watch(viewer) as changed_account,
            ):
                latest_digest: bytes | None = None
                keepalive_interval = self._limits.keepalive_interval
                async with (
                    aclosing(await self._handler.operations.subscribe(loaded.operation, context)) as source,
                    # Closed before `source`, which it iterates.
                    aclosing(events_until(deadline, source, keepalive_interval, changed_account)) as events,
                ):
                    async for event in events:
                        if not isinstance(event, SourceEvent):
                            await _check_account(request_info, viewer)
                            if event is not None:
                                yield event
                            continue
                        response = await self._execute_with_retry(loaded, request_info, cost_options, event, deadline)
                        is_changed, latest_digest = response.digest != latest_digest, response.digest
                        if is_changed or not event.only_if_changed:
                            yield response
                if deadline.done():
                    if expires_at is not None and expires_at <= datetime.now(UTC):
                        raise Unauthenticated("The token has expired. Sign in again.")
                    raise StreamClosed

    async def _execute_with_retry(
        self,
        loaded: LoadedOperation,
        request_info: RequestInfo,
        cost_options: CostOptions,
        event: SourceEvent,
        deadline: asyncio.Future[None],
    ) -> StreamEvent:
        """Execute an event, and retry it during an outage in which the client cannot be authenticated, and when the
        client has enough units of cost again. Events that follow meanwhile are merged.
        """
        while not deadline.done():
            try:
                return await self._execute_or_join(loaded, request_info, cost_options, event)
            except ServiceUnavailable as error:
                record_error(error)
                await asyncio.wait((deadline,), timeout=_RETRY_SECONDS)
            except CostLimited as error:
                record_error(error)
                await asyncio.wait((deadline,), timeout=error.retry_after)
        raise StreamClosed

    async def _execute_or_join(
        self, loaded: LoadedOperation, request_info: RequestInfo, cost_options: CostOptions, event: SourceEvent
    ) -> StreamEvent:
        """Streams of one client share the execution of an event that has no value of its own, such as the dashboard's:
        a change wakes all of them together. It is charged, counted and traced once.
        """
        operation = loaded.operation

        async def execute() -> StreamEvent:
            with event_trace(request_info.state.traces, operation.name, request_info.client.name):
                return await self._execute_event(loaded, request_info, cost_options, event)

        if not event.only_if_changed or cost_options.is_shown or any(request_info.debug):
            return await execute()
        # What the response depends on. A token may expire before another one of the same viewer.
        key = (
            id(operation.prepared),
            None if loaded.trusted is None else loaded.trusted.id,
            orjson.dumps(operation.raw_variables),
            operation.on_error,
            event,
            request_info.authorization,
            request_info.client,
            request_info.no_cache,
        )
        found: StreamEvent = await self._shared.call(key, execute)
        return found

    async def _execute_event(
        self,
        loaded: LoadedOperation,
        request_info: RequestInfo,
        cost_options: CostOptions,
        event: SourceEvent | None = None,
    ) -> StreamEvent:
        """Authenticates the client again, uses new loaders, and charges the cost.

        Raises Unauthenticated, AccountBlocked, AccountDeleted and CostLimited.
        """
        handler, operation, started_at = self._handler, loaded.operation, time.perf_counter()
        async with handler.admission.slot(request_info.admission_client()):
            with shared_wait_budget():
                async with Deadline(self._limits.event_timeout) as deadline, open_context(request_info) as context:
                    with await CostCharge.reserve(operation, context.budget, cost_options) as charge:
                        body = await handler.execute_operation(operation, context, deadline, event=event, charge=charge)
                    extensions, token = await debug_extensions(context), written_position(operation, context)
        if token is not None:
            extensions[EXTENSION] = token
        # Announced to streams, too, in which a brown-out is the last event.
        notice = handler.build_notice(operation, request_info, loaded.trusted)
        if notice is not None:
            extensions["deprecations"] = notice.items
        if cost_options.is_shown:
            extensions["cost"] = charge.extension(cost_options)
        if event is not None:
            record_operation(operation.kind, operation.name, time.perf_counter() - started_at)
        digest = hashlib.sha256(body.encoded).digest()
        if event is not None and event.merged:
            extensions["merged"] = event.merged
        return StreamEvent(body.with_extensions(extensions), event.id if event else None, digest)

    @contextmanager
    def _limit_per_user(self, viewer: Viewer | None) -> Iterator[None]:
        """Raises RateLimited for a user with too many streams."""
        if viewer is None:
            yield
            return
        limit = self._limits.max_per_user
        if self._counts[viewer.id] >= limit:
            raise RateLimited(
                f"Limit of {limit} open streams reached; close one first.",
                retry_after=1,
                limit=RequestLimit.STREAMS_PER_USER.value,
            )
        self._counts[viewer.id] += 1
        try:
            yield
        finally:
            self._counts[viewer.id] -= 1
            if not self._counts[viewer.id]:
                del self._counts[viewer.id]

    @contextmanager
    def _stream_deadline(self, expires_at: datetime | None) -> Iterator[asyncio.Future[None]]:
        """Yield a future that is done when the stream has to close."""
        loop = asyncio.get_running_loop()
        deadline: asyncio.Future[None] = loop.create_future()
        lifetime = timedelta(seconds=self._limits.max_lifetime)
        if expires_at is not None:
            lifetime = min(lifetime, expires_at - datetime.now(UTC))
        timer = loop.call_later(max(0.0, lifetime.total_seconds()), _expire, deadline)
        self._deadlines.add(deadline)
        _STREAMS[()].add()
        if self._is_closing:
            _expire(deadline)
        try:
            yield deadline
        finally:
            timer.cancel()
            self._deadlines.discard(deadline)
            _STREAMS[()].add(-1)


async def _check_account(request_info: RequestInfo, viewer: Viewer | None) -> None:
    """Authenticate again between events, as each event does.

    Raises Unauthenticated, AccountBlocked and AccountDeleted, and StreamClosed if the role changed: the source has the
    former one.
    """
    with suppress(ServiceUnavailable):
        if await request_info.viewer() != viewer:
            raise StreamClosed


def _expire(deadline: asyncio.Future[None]) -> None:
    if not deadline.done():
        deadline.set_result(None)


def _locate_error(error: ClientError, operation: Operation) -> GraphQLError:
    """Give the error the location and path of the subscription's field."""
    field = operation.node.selection_set.selections[0]
    if not isinstance(field, FieldNode):
        return located_error(error, [operation.node])
    located = located_error(error, [field], [(field.alias or field.name).value])
    return with_coordinate(located, f"Subscription.{field.name.value}")
