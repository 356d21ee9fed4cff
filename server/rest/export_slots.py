"""How many files are sent at a time while they are read from the database.

Each of them holds a connection of the pool and a snapshot until its client has read it. A client that keeps its file
waiting holds the slot until somebody else needs it.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

import structlog

from domain.errors import RateLimited

log = structlog.get_logger()

_RETRY_AFTER_SECONDS = 10
# For one that gives way to close its cursor.
_END_SECONDS = 5.0


class Slot:
    """Of one file. `interruption` is done when the file gives way."""

    def __init__(self, viewer_id: UUID) -> None:
        self.viewer_id = viewer_id
        self.interruption: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended = asyncio.Event()
        self._waited_seconds = 0.0
        self._waits_since: float | None = None

    def waited_seconds(self, now: float) -> float:
        """How long the client has kept the file waiting, in all."""
        return self._waited_seconds + (0 if self._waits_since is None else now - self._waits_since)

    def begin_wait(self, now: float) -> None:
        self._waits_since = now

    def end_wait(self, now: float) -> None:
        self._waited_seconds, self._waits_since = self.waited_seconds(now), None

    def interrupt(self) -> None:
        if not self.interruption.done():
            self.interruption.set_result(None)


class ExportSlots:
    """Of a process: `number` at a time, one for each viewer. The counts are for the metrics."""

    def __init__(self, number: int, patience_seconds: float) -> None:
        self._number = number
        self._patience_seconds = patience_seconds
        self._slots: set[Slot] = set()
        self.gave_way = 0
        self.refused = 0

    @property
    def in_use(self) -> int:
        return len(self._slots)

    async def send(self, slot: Slot, chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """The chunks, while the slot is taken. Raises RateLimited."""
        before = self._slot_to_wait_for(slot)
        self._slots.add(slot)
        try:
            if before is not None:
                await self._wait_for(before)
            # Its cursor is closed before the next one opens.
            async with aclosing(chunks):
                async for chunk in chunks:
                    slot.begin_wait(time.monotonic())
                    yield chunk
                    slot.end_wait(time.monotonic())
        finally:
            self._slots.discard(slot)
            slot.ended.set()

    def _slot_to_wait_for(self, slot: Slot) -> Slot | None:
        """None where there is room. Else the one that gives way; raises RateLimited where none has to."""
        own = [other for other in self._slots if other.viewer_id == slot.viewer_id]
        if not own and len(self._slots) < self._number:
            return None
        now = time.monotonic()
        running = [other for other in own or self._slots if not other.interruption.done()]
        slowest = max(running, key=lambda other: other.waited_seconds(now), default=None)
        if slowest is None or slowest.waited_seconds(now) < self._patience_seconds:
            self.refused += 1
            raise RateLimited(
                "Another file is being sent. Try again when it is there.", retry_after=_RETRY_AFTER_SECONDS
            )
        self.gave_way += 1
        log.info("an export gave way", waited_s=round(slowest.waited_seconds(now), 1))
        slowest.interrupt()
        return slowest

    async def _wait_for(self, slot: Slot) -> None:
        try:
            async with asyncio.timeout(_END_SECONDS):
                await slot.ended.wait()
        except TimeoutError:
            self.refused += 1
            raise RateLimited(
                "Another file is being sent. Try again when it is there.", retry_after=_RETRY_AFTER_SECONDS
            ) from None
