"""Subscriptions, whatever carries them: events in, bodies out, and every way in which a stream ends."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Protocol
from uuid import UUID

from graphql import FieldNode, GraphQLError
from graphql.error import located_error

from common.task_set import cancel_and_wait
from db.core.wait_budget import shared_wait_budget
from domain.errors import ClientError, RateLimited, ServiceUnavailable, Unauthenticated
from domain.rate_limits import STREAMS, RateLimit
from domain.viewer import Viewer
from engine.request.operations import Operation, SourceEvent
from engine.run.deadline import Deadline
from server.graphql.error_format import formatted
from server.graphql.handler import Pipeline, errors_of, statistics_of
from server.graphql.response_body import Body
from server.observability.error_log import record_error

# How soon to try again when the database could not say who the viewer is.
_TRY_AGAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """What goes to the client. `id`: what they name to go on after it.

    `digest`: of what they selected, without figures about how it was found.
    """

    body: Body
    id: int | None = None
    digest: bytes = b""


class Pause(Enum):
    """Nothing happened for a while: time for a sign of life."""

    PAUSE = "pause"


class StreamInterrupted(Exception):
    """The stream ends before the subscription does: the client is to connect again."""


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """`of_a_learner`: streams at once, in this process. `longest_life` and `pause` in seconds."""

    of_a_learner: int
    longest_life: float
    pause: float
    event_timeout: float


class StreamCaller(Protocol):
    """Who asks."""

    @property
    def request_id(self) -> str: ...
    async def expires_at(self) -> datetime | None: ...
    async def viewer(self) -> Viewer | None: ...
    async def take(self, limit: RateLimit) -> None: ...


class Streams:
    """All streams of a process."""

    def __init__(self, pipeline: Pipeline, limits: StreamLimits) -> None:
        self._pipeline = pipeline
        self._limits = limits
        self._of_learners: Counter[UUID] = Counter()
        self._endings: set[asyncio.Future[None]] = set()
        self._stopping = False

    @property
    def number(self) -> int:
        return len(self._endings)

    def stop(self) -> None:
        """Interrupts all of them, and those that begin from now on: the server stops."""
        self._stopping = True
        for ending in self._endings:
            _set(ending)

    async def run(self, operation: Operation, caller: StreamCaller) -> AsyncGenerator[StreamEvent | Pause, None]:
        """Events until the operation is complete; a query has one. An error of the whole is the last event.

        Raises StreamInterrupted when the server stops, or the stream has lived long enough.
        """
        try:
            if operation.kind == "subscription":
                async with aclosing(self._subscribe(operation, caller)) as events:
                    async for event in events:
                        yield event
            else:
                yield await self._executed(operation, caller)
        except StreamInterrupted:
            raise
        except ClientError as error:
            yield StreamEvent(Body.of_errors(formatted([_located(error, operation)], caller.request_id)))
        except Exception as error:
            yield StreamEvent(Body.of_errors(errors_of(error, caller.request_id)))

    async def _subscribe(self, operation: Operation, caller: StreamCaller) -> AsyncGenerator[StreamEvent | Pause, None]:
        expires_at = await caller.expires_at()
        await caller.take(STREAMS)
        async with self._pipeline.open_context(caller) as context:
            with self._admitted(await caller.viewer()), self._ending(expires_at) as ending:
                latest: bytes | None = None
                async with (
                    aclosing(await self._pipeline.operations.subscribe(operation, context)) as source,
                    # Closed first: until then it pulls at the source.
                    aclosing(_until(source, ending, self._limits.pause)) as events,
                ):
                    async for event in events:
                        if isinstance(event, Pause):
                            await _check_account(caller)
                            yield event
                            continue
                        sent = await self._sent(operation, caller, event, ending)
                        before, latest = latest, sent.digest
                        if latest != before or not event.only_if_changed:
                            yield sent
                if ending.done():
                    if expires_at is not None and expires_at <= datetime.now(UTC):
                        raise Unauthenticated("The token has expired. Sign in again.")
                    raise StreamInterrupted

    async def _sent(
        self, operation: Operation, caller: StreamCaller, event: SourceEvent, ending: asyncio.Future[None]
    ) -> StreamEvent:
        """An outage in which nobody knows who the caller is delays an event, and loses none."""
        while not ending.done():
            try:
                return await self._executed(operation, caller, event)
            except ServiceUnavailable as error:
                record_error(error)
                await asyncio.wait((ending,), timeout=_TRY_AGAIN_SECONDS)
        raise StreamInterrupted

    async def _executed(
        self, operation: Operation, caller: StreamCaller, event: SourceEvent | None = None
    ) -> StreamEvent:
        """By loaders of its own, for who the caller is now. Raises Unauthenticated."""
        pipeline = self._pipeline
        with shared_wait_budget():
            async with Deadline(self._limits.event_timeout) as deadline, pipeline.open_context(caller) as context:
                body = await pipeline.executed(operation, context, caller.request_id, deadline, event=event)
                extensions = statistics_of(context)
        digest = hashlib.sha256(body.encoded).digest()
        if event is not None and event.merged:
            extensions["merged"] = event.merged
        return StreamEvent(body.extended(extensions), event.id if event else None, digest)

    @contextmanager
    def _admitted(self, viewer: Viewer | None) -> Iterator[None]:
        """Raises RateLimited for a learner who has too many."""
        if viewer is None:
            yield
            return
        if self._of_learners[viewer.id] >= self._limits.of_a_learner:
            raise RateLimited(f"You have {self._limits.of_a_learner} streams open: close one first.", retry_after=1)
        self._of_learners[viewer.id] += 1
        try:
            yield
        finally:
            self._of_learners[viewer.id] -= 1
            if not self._of_learners[viewer.id]:
                del self._of_learners[viewer.id]

    @contextmanager
    def _ending(self, expires_at: datetime | None) -> Iterator[asyncio.Future[None]]:
        """Done when the stream has to end."""
        loop = asyncio.get_running_loop()
        ending: asyncio.Future[None] = loop.create_future()
        life = timedelta(seconds=self._limits.longest_life)
        if expires_at is not None:
            life = min(life, expires_at - datetime.now(UTC))
        timer = loop.call_later(max(0.0, life.total_seconds()), _set, ending)
        self._endings.add(ending)
        if self._stopping:
            _set(ending)
        try:
            yield ending
        finally:
            timer.cancel()
            self._endings.discard(ending)


async def _until(
    source: AsyncGenerator[SourceEvent, None], ending: asyncio.Future[None], pause: float
) -> AsyncGenerator[SourceEvent | Pause, None]:
    """The source's events, and a sign when none came for a while, until the source or the stream ends."""
    coming = asyncio.ensure_future(anext(source))
    try:
        while not ending.done():
            await asyncio.wait((coming, ending), timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                try:
                    event = coming.result()
                except StopAsyncIteration:
                    return
                yield event
                coming = asyncio.ensure_future(anext(source))
            elif not ending.done():
                yield Pause.PAUSE
    finally:
        await cancel_and_wait(coming)


async def _check_account(caller: StreamCaller) -> None:
    """Each event says who the caller is now; where none comes, this does. Raises Unauthenticated."""
    with suppress(ServiceUnavailable):
        await caller.viewer()


def _set(ending: asyncio.Future[None]) -> None:
    if not ending.done():
        ending.set_result(None)


def _located(error: ClientError, operation: Operation) -> GraphQLError:
    """At the subscription's field."""
    field = operation.node.selection_set.selections[0]
    if not isinstance(field, FieldNode):
        return located_error(error, [operation.node])
    return located_error(error, [field], [(field.alias or field.name).value])
