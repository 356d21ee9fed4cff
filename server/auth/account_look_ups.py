"""Looks up the accounts of concurrent requests in batches."""

import asyncio
from collections.abc import Callable, Sequence
from contextvars import Context
from time import perf_counter
from typing import NamedTuple

from common.task_set import TaskSet
from common.tracing.span_types import ACCOUNT
from common.tracing.trace import record
from db.core.database import Database
from db.services.account_look_ups import Account, LookUp, Outcome, find_accounts
from domain.errors import ClientError

# Of a batch.
MAX_SUBJECTS = 250
# A batch that takes longer, as on a connection that was lost, does not hold up the next one.
SLOW_SECONDS = 1.0


class Reading(NamedTuple):
    """When accounts were read: after this monotonic time, and after the invalidations that the generation counts."""

    generation: int
    at: float


class _Pending:
    """A look-up with the requests that wait for it. `reading`: once it has started."""

    __slots__ = ("future", "look_up", "reading", "waiters")

    reading: Reading

    def __init__(self, look_up: LookUp) -> None:
        self.look_up = look_up
        self.future: asyncio.Future[Account | None] = asyncio.get_running_loop().create_future()
        self.waiters = 0

    def settle(self, outcome: Outcome) -> None:
        if isinstance(outcome, Exception):
            self.future.set_exception(outcome)
            # Retrieved: there may be no waiters left.
            self.future.exception()
        else:
            self.future.set_result(outcome)


class AccountLookUps:
    """A batch starts immediately if none runs, otherwise when the running one ends.

    Equal look-ups are one. Those of one subject by other clients, or with other tokens, are in different batches, so
    that each finds what the one before has changed.

    `start_reading`: called before accounts are read. `is_fresh`: whether a request that starts now may be answered by
    this reading.
    """

    def __init__(
        self, database: Database, start_reading: Callable[[], Reading], is_fresh: Callable[[Reading], bool]
    ) -> None:
        self._database = database
        self._start_reading = start_reading
        self._is_fresh = is_fresh
        self._queued: dict[LookUp, _Pending] = {}
        self._running: dict[LookUp, _Pending] = {}
        # The one that the next batch waits for.
        self._batch: asyncio.Task[None] | None = None
        self._tasks = TaskSet()

    async def find(self, look_up: LookUp) -> tuple[Account | None, Reading]:
        """Return the account, None if the subject has none, and when it was read.

        Raises AccountBlocked and ServiceUnavailable.
        """
        pending = self._running.get(look_up)
        if pending is None or not self._is_fresh(pending.reading):
            pending = self._enqueue(look_up)
        pending.waiters += 1
        started_at = perf_counter()
        try:
            # The cancellation of one request is not that of others.
            account = await asyncio.shield(pending.future)
        finally:
            record(ACCOUNT, "look up the account", started_at, perf_counter())
            pending.waiters -= 1
            if not pending.waiters and self._queued.get(look_up) is pending:
                del self._queued[look_up]
        return account, pending.reading

    async def close(self) -> None:
        await self._tasks.close()

    def _enqueue(self, look_up: LookUp) -> _Pending:
        pending = self._queued.get(look_up)
        if pending is None:
            pending = self._queued[look_up] = _Pending(look_up)
            if self._batch is None:
                self._start_batch()
        return pending

    def _start_batch(self) -> None:
        # In a context of its own: the trace, log fields and wait budget of the request are not those of the others.
        batch = self._batch = Context().run(self._tasks.spawn, self._run_batch())
        timer = asyncio.get_running_loop().call_later(SLOW_SECONDS, self._stop_waiting_for, batch)
        batch.add_done_callback(lambda _: timer.cancel())
        batch.add_done_callback(self._stop_waiting_for)

    def _stop_waiting_for(self, batch: asyncio.Task[None]) -> None:
        if self._batch is batch:
            self._batch = None
            if self._queued:
                self._start_batch()

    async def _run_batch(self) -> None:
        batch = self._take_batch()
        try:
            await self._load(batch)
        finally:
            for pending in batch:
                # If the process stops.
                pending.future.cancel()
                if self._running.get(pending.look_up) is pending:
                    del self._running[pending.look_up]

    def _take_batch(self) -> list[_Pending]:
        by_subject: dict[str, _Pending] = {}
        for pending in self._queued.values():
            by_subject.setdefault(pending.look_up.subject, pending)
            if len(by_subject) == MAX_SUBJECTS:
                break
        reading = self._start_reading()
        for pending in by_subject.values():
            pending.reading = reading
            del self._queued[pending.look_up]
            self._running[pending.look_up] = pending
        return list(by_subject.values())

    async def _load(self, batch: Sequence[_Pending]) -> None:
        """Look up the accounts of a batch. If some fail together for another reason than that of an outage, look those
        up in halves, so that the values of one do not affect others.
        """
        if not batch:
            return
        outcomes: Sequence[Outcome]
        try:
            outcomes = await find_accounts(self._database, [pending.look_up for pending in batch])
        except Exception as error:
            outcomes = [error] * len(batch)
        failed = []
        for pending, outcome in zip(batch, outcomes, strict=True):
            if len(batch) > 1 and isinstance(outcome, Exception) and not isinstance(outcome, ClientError):
                failed.append(pending)
            else:
                pending.settle(outcome)
        middle = len(failed) // 2
        await self._load(failed[:middle])
        await self._load(failed[middle:])
