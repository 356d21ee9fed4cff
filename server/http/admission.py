"""Admission of operations: how many run concurrently, whose turn is next, and which are rejected during overload."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from common.metrics.instruments import Counter, Histogram, UpDownCounter
from domain.errors import ServiceUnavailable
from domain.request_limits import RequestLimit

# An operation that would wait longer than this is rejected.
MAX_WAIT_SECONDS = 1.0
# What it is after the queue was not empty for as long as that: during overload, waiting only makes everyone slower.
MAX_WAIT_OF_STANDING_QUEUE_SECONDS = 0.1
MESSAGE = "The server has too many operations; please retry."
RETRY_AFTER_SECONDS = 1
# How often the limit is adapted.
TICK_SECONDS = 0.1
# A timer that is later than this shows that more operations run than the processor can serve.
_HIGH_LAG_SECONDS, _LOW_LAG_SECONDS = 0.02, 0.01
_MIN_LIMIT = 8
# Of one client. Four keep a processor busy, because the database works for some of them.
RUNNING_PER_CLIENT = 4
WAITING_PER_CLIENT = 200
# Of the mean time between two ends of operations.
_SMOOTHING = 0.1

_RUNNING = UpDownCounter("shinjp_operations_running", "Operations that are executed, over all transports.")[()]
_WAITING = UpDownCounter("shinjp_operations_waiting", "Operations that wait for others to end.")[()]
_WAIT_SECONDS = Histogram("shinjp_operation_wait_seconds", "How long operations waited for others to end.")[()]
_REJECTED = Counter(
    "shinjp_operations_rejected",
    "Operations rejected during overload, by whether signed in.",
    ("client",),
    known=[("signed in",), ("anonymous",)],
)


def count_rejected(signed_in: bool) -> None:
    _REJECTED["signed in" if signed_in else "anonymous",].add()


@dataclass(frozen=True, slots=True)
class AdmissionClient:
    """`key`: what operations of one client share. Those of clients that are not `signed_in` are rejected first."""

    key: str
    signed_in: bool


@dataclass(slots=True, eq=False)
class _Waiter:
    enqueued_at: float
    admitted: asyncio.Future[None]


@dataclass(slots=True)
class _Class:
    """Waiting operations of clients of one class, in the order of the clients' turns."""

    clients: dict[str, deque[_Waiter]] = field(default_factory=dict)
    count: int = 0


class Admission:
    """Limits how many operations run concurrently, and lets clients take turns when more want to.

    The limit adapts to the event loop: it falls while timers are late, because the operations that run then only slow
    each other down, and rises again while operations wait and timers are on time. An operation that cannot start within
    `MAX_WAIT_SECONDS` is rejected immediately.

    A client runs `RUNNING_PER_CLIENT` operations concurrently, however many it sends, so that others share the event
    loop with few. Further ones wait for its own, without a limit of time as long as slots are free.

    `max_running`: the highest limit; 0 admits everything.
    """

    def __init__(self, max_running: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = float(max_running)
        self._max_running = max_running
        self._clock = clock
        self._running: dict[str, int] = {}
        self._count = 0
        self._signed_in, self._others = _Class(), _Class()
        # The mean time between two ends while all slots are taken and others wait; 0 until it is known.
        self._interval = 0.0
        # When the last such operation ended.
        self._ended_at: float | None = None
        self._waiting_since: float | None = None
        self._tick: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """The number of waiting operations."""
        return self._signed_in.count + self._others.count

    def slot(self, client: AdmissionClient) -> "_Slot":
        """For `async with`: run an operation. Raises ServiceUnavailable."""
        return _Slot(self, client)

    async def enter(self, client: AdmissionClient) -> None:
        if not self._max_running:
            return
        if self._count < int(self.limit) and self._running.get(client.key, 0) < RUNNING_PER_CLIENT:
            # Those that wait have as many as they may, or there would be no free slot.
            self._start(client.key)
            return
        if self.must_reject(client):
            raise self._reject(client.signed_in)
        now = self._clock()
        waiter = _Waiter(now, asyncio.get_running_loop().create_future())
        queue = self._signed_in if client.signed_in else self._others
        queue.clients.setdefault(client.key, deque()).append(waiter)
        queue.count += 1
        if self._waiting_since is None:
            self._waiting_since = now
        _WAITING.add()
        self._start_ticking()
        try:
            await waiter.admitted
        except asyncio.CancelledError:
            if waiter.admitted.cancelled() or waiter.admitted.exception() is not None:
                self._remove(queue, client.key, waiter)
            else:
                self.leave(client.key)
            raise
        finally:
            _WAIT_SECONDS.observe(self._clock() - now)

    def leave(self, key: str) -> None:
        """End an operation that was admitted."""
        if not self._max_running:
            return
        left = self._running[key] - 1
        if left:
            self._running[key] = left
        else:
            del self._running[key]
        is_full = self._count >= int(self.limit)
        self._count -= 1
        _RUNNING.add(-1)
        if self.waiting:
            self._measure_interval(is_full)
            self._start_waiting()

    def _measure_interval(self, is_full: bool) -> None:
        now = self._clock() if is_full else None
        if now is not None and self._ended_at is not None:
            interval = now - self._ended_at
            self._interval += (interval - self._interval) * (_SMOOTHING if self._interval else 1)
        self._ended_at = now

    def _start(self, key: str) -> None:
        self._running[key] = self._running.get(key, 0) + 1
        self._count += 1
        _RUNNING.add()

    def must_reject(self, client: AdmissionClient) -> bool:
        """Whether the client's next operation would wait for too long. Its time does not depend on how many wait."""
        if not self._max_running:
            return False
        own = (self._signed_in if client.signed_in else self._others).clients.get(client.key)
        number = 0 if own is None else len(own)
        if number >= WAITING_PER_CLIENT:
            return True
        if self._count < int(self.limit):
            return False
        # Each other client has at most one turn before each of this one. Signed-in clients have all of theirs first.
        before = min(self._signed_in.count, (number + 1) * len(self._signed_in.clients))
        if not client.signed_in:
            before = self._signed_in.count + min(self._others.count, (number + 1) * len(self._others.clients))
        # The first in the queue waits, so that the interval is measured again.
        return before > 0 and (before + 1) * self._interval > self._max_wait()

    def _max_wait(self) -> float:
        since = self._waiting_since
        if since is None or self._clock() - since < MAX_WAIT_SECONDS:
            return MAX_WAIT_SECONDS
        return MAX_WAIT_OF_STANDING_QUEUE_SECONDS

    def _reject(self, signed_in: bool) -> ServiceUnavailable:
        count_rejected(signed_in)
        return ServiceUnavailable(MESSAGE, retry_after=RETRY_AFTER_SECONDS, limit=RequestLimit.RUNNING_OPERATIONS.value)

    def _start_waiting(self) -> None:
        """Admit waiting operations while slots are free: of signed-in clients first, round robin."""
        while self._count < int(self.limit) and (self._admit(self._signed_in) or self._admit(self._others)):
            pass
        self._forget_if_empty()

    def _forget_if_empty(self) -> None:
        """What was measured holds for one queue only: the next one may consist of other operations."""
        if not self.waiting:
            self._waiting_since = self._ended_at = None
            self._interval = 0.0

    def _admit(self, queue: _Class) -> bool:
        for key, waiters in list(queue.clients.items()):
            while waiters and self._running.get(key, 0) < RUNNING_PER_CLIENT:
                waiter = waiters.popleft()
                self._count_removed(queue)
                del queue.clients[key]
                if waiters:
                    # The next turn is that of another client.
                    queue.clients[key] = waiters
                # Otherwise it was cancelled, and its task has not run since.
                if not waiter.admitted.done():
                    self._start(key)
                    waiter.admitted.set_result(None)
                    return True
        return False

    def _remove(self, queue: _Class, key: str, waiter: _Waiter) -> None:
        waiters = queue.clients.get(key)
        if waiters is None or waiter not in waiters:
            return
        waiters.remove(waiter)
        if not waiters:
            del queue.clients[key]
        self._count_removed(queue)
        self._forget_if_empty()

    @staticmethod
    def _count_removed(queue: _Class) -> None:
        queue.count -= 1
        _WAITING.add(-1)

    def _start_ticking(self) -> None:
        if self._tick is None:
            self._schedule_tick()

    def _schedule_tick(self) -> None:
        due = self._clock() + TICK_SECONDS
        self._tick = asyncio.get_running_loop().call_later(TICK_SECONDS, self._adapt, due)

    def _adapt(self, due: float) -> None:
        """Change the limit by how late this timer is, and reject operations that waited too long."""
        now = self._clock()
        lag = now - due
        if lag > _HIGH_LAG_SECONDS:
            self.limit = max(min(_MIN_LIMIT, self._max_running), self.limit * 0.9)
        elif lag < _LOW_LAG_SECONDS:
            self.limit = min(self._max_running, self.limit + 1)
        self._start_waiting()
        if self._count >= int(self.limit):
            for queue, signed_in in ((self._signed_in, True), (self._others, False)):
                self._expire(queue, now - MAX_WAIT_SECONDS, signed_in)
            self._forget_if_empty()
        if self.waiting or self.limit < self._max_running:
            self._schedule_tick()
        else:
            self._tick = None

    def _expire(self, queue: _Class, before: float, signed_in: bool) -> None:
        for key, waiters in list(queue.clients.items()):
            while waiters and waiters[0].enqueued_at < before:
                waiter = waiters.popleft()
                self._count_removed(queue)
                if not waiter.admitted.done():
                    waiter.admitted.set_exception(self._reject(signed_in))
            if not waiters:
                del queue.clients[key]


class _Slot:
    __slots__ = ("_admission", "_client")

    def __init__(self, admission: Admission, client: AdmissionClient) -> None:
        self._admission = admission
        self._client = client

    async def __aenter__(self) -> None:
        await self._admission.enter(self._client)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._admission.leave(self._client.key)
