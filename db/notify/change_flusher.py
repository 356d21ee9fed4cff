"""When a process sends the changes in the outbox to all processes. See docs/decisions/0026-change-outbox.md."""

import asyncio
import math
import time

import asyncpg

from db.core.advisory_locks import FLUSHER_LOCK

# Between two batches, while there are changes.
FLUSH_INTERVAL_SECONDS = 0.025
# How long the leader flushes after the last notification of a change.
_ACTIVE_SECONDS = 1.0
# The leader receives a notification at another moment than this process.
_TOLERANCE_SECONDS = 0.25

_FLUSH = f"""
    select send_changes($1), case when $2 then true else pg_try_advisory_lock({FLUSHER_LOCK}) end
"""
_ASK = "select request_acknowledgements($1, $2, $3)"


class ChangeFlusher:
    """Decides when to flush the outbox on a listener's connection. Only one method may be awaited concurrently.

    One process, the leader, flushes in short intervals while there are changes; its session holds an advisory lock, for
    which all others try. Every process flushes with each heartbeat, so that changes are sent whatever the leader does,
    and after a transaction of its own if the leader is idle. The leader becomes active with the notification of these
    changes: because all processes receive the same notifications, each of them knows whether it is.
    """

    def __init__(self, connection: asyncpg.Connection, idle_interval_seconds: float) -> None:
        self._connection = connection
        self._idle_interval_seconds = idle_interval_seconds
        self._is_leader = False
        self._notified_at = -math.inf
        # Changes of earlier transactions have been sent.
        self._since = 0
        self._wanted = asyncio.Event()

    def on_change(self) -> None:
        """Handle the notification of a change."""
        if self._is_leader and not self._is_active(_ACTIVE_SECONDS):
            self._wanted.set()
        self._notified_at = time.monotonic()

    def on_commit(self) -> None:
        """Handle the commit of a transaction of this process that may have changed personal rows."""
        if not self._is_active(_ACTIVE_SECONDS - _TOLERANCE_SECONDS):
            self._wanted.set()

    def stop_waiting(self) -> None:
        self._wanted.set()

    async def flush(self) -> None:
        """Send all committed changes. Become the leader if there is none."""
        self._wanted.clear()
        [row] = await self._connection.fetch(_FLUSH, self._since, self._is_leader)
        self._since, self._is_leader = row

    async def request_acknowledgements(self, request: str, listener: str) -> None:
        """Send all committed changes, then a request to sessions whose application has the name `listener`."""
        self._since = await self._connection.fetchval(_ASK, request, listener, self._since)

    async def wait(self) -> None:
        """Wait until the next flush is due."""
        if self._is_leader and self._is_active(_ACTIVE_SECONDS):
            await asyncio.sleep(FLUSH_INTERVAL_SECONDS)
            return
        try:
            async with asyncio.timeout(self._idle_interval_seconds):
                await self._wanted.wait()
        except TimeoutError:
            pass

    def _is_active(self, seconds: float) -> bool:
        return time.monotonic() - self._notified_at < seconds
