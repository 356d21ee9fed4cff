"""Limits how many exports are streamed from the database concurrently.

Each export holds a pool connection and a snapshot until its client has read it. A slow client keeps its slot until
another client needs it.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

import structlog

from domain.errors import RateLimited
from domain.request_limits import RequestLimit

log = structlog.get_logger()

_RETRY_AFTER_SECONDS = 10
# Time for a preempted export to close its cursor.
_CLOSE_TIMEOUT_SECONDS = 5.0


class Slot:
    """The slot of one export. `interruption` is done when the export is preempted."""

    def __init__(self, viewer_id: UUID) -> None:
        self.viewer_id = viewer_id
        self.interruption: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended = asyncio.Event()
        self._waited_seconds = 0.0
        self._waits_since: float | None = None

    def waited_seconds(self, now: float) -> float:
        """Return for how long the export has waited for its client in total."""
        return self._waited_seconds + (0 if self._waits_since is None else now - self._waits_since)

    def begin_wait(self, now: float) -> None:
        self._waits_since = now

    def end_wait(self, now: float) -> None:
        self._waited_seconds, self._waits_since = self.waited_seconds(now), None

    def interrupt(self) -> None:
        if not self.interruption.done():
            self.interruption.set_result(None)


class ExportSlots:
    """Slots of a process: `max_concurrent`, one per viewer. The counts are for metrics."""

    def __init__(self, max_concurrent: int, patience_seconds: float) -> None:
        self._max_concurrent = max_concurrent
        self._patience_seconds = patience_seconds
        self._slots: set[Slot] = set()
        self.preempted = 0
        self.refused = 0

    @property
    def in_use(self) -> int:
        return len(self._slots)

    async def send(self, slot: Slot, chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """Yield the chunks while holding the slot. Raises RateLimited."""
        preempted = self._preempt(slot)
        self._slots.add(slot)
        try:
            if preempted is not None:
                await self._wait_for(preempted)
            # Closes the cursor before the slot is released.
            async with aclosing(chunks):
                async for chunk in chunks:
                    slot.begin_wait(time.monotonic())
                    yield chunk
                    slot.end_wait(time.monotonic())
        finally:
            self._slots.discard(slot)
            slot.ended.set()

    def _preempt(self, slot: Slot) -> Slot | None:
        """Interrupt the slowest export if there is no free slot. Raises RateLimited if none is slow enough."""
        own = [other for other in self._slots if other.viewer_id == slot.viewer_id]
        if not own and len(self._slots) < self._max_concurrent:
            return None
        now = time.monotonic()
        running = [other for other in own or self._slots if not other.interruption.done()]
        slowest = max(running, key=lambda other: other.waited_seconds(now), default=None)
        if slowest is None or slowest.waited_seconds(now) < self._patience_seconds:
            self.refused += 1
            raise _too_many_exports()
        self.preempted += 1
        log.info("export preempted", waited_s=round(slowest.waited_seconds(now), 1))
        slowest.interrupt()
        return slowest

    async def _wait_for(self, slot: Slot) -> None:
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT_SECONDS):
                await slot.ended.wait()
        except TimeoutError:
            self.refused += 1
            raise _too_many_exports() from None


def _too_many_exports() -> RateLimited:
    message = "Too many concurrent exports; retry when the other one has finished."
    return RateLimited(message, retry_after=_RETRY_AFTER_SECONDS, limit=RequestLimit.DIRECT_EXPORTS.value)
