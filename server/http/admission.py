"""Admission of operations: how many run concurrently, whose turn is next, and which are rejected during overload."""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple

from common.metrics.instruments import Counter, Histogram, UpDownCounter
from domain.errors import ServiceUnavailable
from domain.request_limits import RequestLimit
from server.http.adaptive_limit import AdaptiveLimit
from server.http.client_queue import ClientQueue, Waiter
from server.http.recent_clients import RecentClients

# An operation that would wait longer than this is rejected.
MAX_WAIT_SECONDS = 1.0
# What it is after the queue was not empty for as long as that: during overload, waiting only makes everyone slower.
MAX_WAIT_OF_STANDING_QUEUE_SECONDS = 0.1
MESSAGE = "The server has too many operations; please retry."
RETRY_AFTER_SECONDS = 1
# How often the limit is adapted.
TICK_SECONDS = 0.1
# A timer that is later than this shows that nothing ran meanwhile: the process was stopped, or computed something long.
_STALL_SECONDS = 1.0
# Of one client. Four keep a processor busy, because the database works for some of them.
RUNNING_PER_CLIENT = 4
WAITING_PER_CLIENT = 200
# A client with more waiting operations than that is a heavy one.
MAX_WAITING_OF_LIGHT_CLIENT = 16
# For how long a light client counts after its last operation started.
LIGHT_CLIENT_SECONDS = 1.0
# Of the mean time between two ends of operations.
_SMOOTHING = 0.1

_RUNNING = UpDownCounter("shinjp_operations_running", "Operations that are executed, over all transports.")[()]
_WAIT_SECONDS = Histogram("shinjp_operation_wait_seconds", "How long operations waited for others to end.")[()]
_REJECTED = Counter(
    "shinjp_operations_rejected",
    "Operations rejected during overload, by whether signed in.",
    ("client",),
    known=[("signed in",), ("anonymous",)],
)
_REJECTED_SIGNED_IN, _REJECTED_ANONYMOUS = _REJECTED["signed in",], _REJECTED["anonymous",]


def count_rejected(signed_in: bool) -> None:
    (_REJECTED_SIGNED_IN if signed_in else _REJECTED_ANONYMOUS).add()


class AdmissionClient(NamedTuple):
    """`key`: what operations of one client share. Those of clients that are not `signed_in` are rejected first."""

    key: str
    signed_in: bool


class Admission:
    """Limits how many operations run concurrently, and lets clients take turns when more want to.

    The limit adapts to the event loop. An operation that cannot start within `MAX_WAIT_SECONDS` is rejected
    immediately. Time in which the event loop is stalled is no waiting, because no operation could end.

    A client runs `RUNNING_PER_CLIENT` operations concurrently, however many it sends, so that others share the event
    loop with few. Further ones wait for its own, without a limit of time as long as slots are free. A heavy client
    runs one while others are light, because each of its operations delays every step of theirs.

    `max_running`: the highest limit; 0 admits everything.
    """

    def __init__(self, max_running: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = AdaptiveLimit(max_running)
        self._clock = clock
        self._running: dict[str, int] = {}
        self._count = 0
        self._signed_in, self._anonymous = ClientQueue(), ClientQueue()
        self._light_clients = RecentClients()
        # The mean time between two ends while all slots are taken and others wait; 0 until it is known.
        self._interval = 0.0
        # When the last such operation ended.
        self._ended_at: float | None = None
        self._waiting_since: float | None = None
        self._tick: asyncio.TimerHandle | None = None
        # When the tick is due, or was after the last stall.
        self._due = 0.0

    @property
    def waiting(self) -> int:
        """The number of waiting operations."""
        return self._signed_in.count + self._anonymous.count

    def slot(self, client: AdmissionClient) -> "_Slot":
        """For `async with`: run an operation. Raises ServiceUnavailable."""
        return _Slot(self, client)

    async def enter(self, client: AdmissionClient) -> None:
        if not self.limit.maximum:
            return
        queue = self._queue_of(client)
        # Operations of other clients that wait have as many as they may, or there would be no free slot.
        if self._count < self.limit.value and not queue.count_of(client.key) and self._may_run(client.key):
            self._start(client.key)
            return
        if self.must_reject(client):
            raise self._reject(client.signed_in)
        now = self._clock()
        waiter = Waiter(now, asyncio.get_running_loop().create_future())
        queue.append(client.key, waiter)
        if self._waiting_since is None:
            self._waiting_since = now
        if self._tick is None:
            self._schedule_tick()
        try:
            await waiter.admitted
        except asyncio.CancelledError:
            if not waiter.admitted.cancelled() and waiter.admitted.exception() is None:
                self.leave(client.key)
            elif queue.remove(client.key, waiter):
                self._forget_if_empty()
            raise
        finally:
            _WAIT_SECONDS.observe(self._clock() - now)

    def leave(self, key: str) -> None:
        """End an operation that was admitted."""
        if not self.limit.maximum:
            return
        left = self._running[key] - 1
        if left:
            self._running[key] = left
        else:
            del self._running[key]
        is_full = self._count >= self.limit.value
        self._count -= 1
        _RUNNING.add(-1)
        if self.waiting:
            self._measure_interval(is_full)
            self._start_waiting()

    def must_reject(self, client: AdmissionClient) -> bool:
        """Whether the client's next operation would wait for too long. Its time does not depend on how many wait."""
        if not self.limit.maximum:
            return False
        number = self._queue_of(client).count_of(client.key)
        if number >= WAITING_PER_CLIENT:
            return True
        if self._count < self.limit.value:
            return False
        # Each other client has at most one turn before each of this one. Signed-in clients have all of theirs first.
        queue = self._signed_in
        before = min(queue.count, (number + 1) * queue.client_count)
        if not client.signed_in:
            queue = self._anonymous
            before = self._signed_in.count + min(queue.count, (number + 1) * queue.client_count)
        # The first in the queue waits, so that the interval is measured again.
        return before > 0 and (before + 1) * self._interval > self._max_wait()

    def _queue_of(self, client: AdmissionClient) -> ClientQueue:
        return self._signed_in if client.signed_in else self._anonymous

    def _max_wait(self) -> float:
        now = self._clock()
        self._skip_stall(now)
        since = self._waiting_since
        if since is None or now - since < MAX_WAIT_SECONDS:
            return MAX_WAIT_SECONDS
        return MAX_WAIT_OF_STANDING_QUEUE_SECONDS

    def _may_run(self, key: str) -> bool:
        running = self._running.get(key, 0)
        if not running or running >= RUNNING_PER_CLIENT:
            return not running
        return not self._is_heavy(key) or not self._light_clients.has_other(key, self._clock() - LIGHT_CLIENT_SECONDS)

    def _is_heavy(self, key: str) -> bool:
        return max(self._signed_in.count_of(key), self._anonymous.count_of(key)) > MAX_WAITING_OF_LIGHT_CLIENT

    def _start(self, key: str) -> None:
        if not self._is_heavy(key):
            self._light_clients.record(key, self._clock())
        self._running[key] = self._running.get(key, 0) + 1
        self._count += 1
        _RUNNING.add()

    def _reject(self, signed_in: bool) -> ServiceUnavailable:
        count_rejected(signed_in)
        return ServiceUnavailable(MESSAGE, retry_after=RETRY_AFTER_SECONDS, limit=RequestLimit.RUNNING_OPERATIONS.value)

    def _measure_interval(self, is_full: bool) -> None:
        now = self._clock() if is_full else None
        if now is not None:
            self._skip_stall(now)
            if self._ended_at is not None:
                interval = now - self._ended_at
                self._interval += (interval - self._interval) * (_SMOOTHING if self._interval else 1)
        self._ended_at = now

    def _start_waiting(self) -> None:
        """Admit waiting operations while slots are free: of signed-in clients first, round robin."""
        while self._count < self.limit.value:
            taken = self._signed_in.take_next(self._may_run) or self._anonymous.take_next(self._may_run)
            if taken is None:
                break
            key, waiter = taken
            self._start(key)
            waiter.admitted.set_result(None)
        self._forget_if_empty()

    def _forget_if_empty(self) -> None:
        """What was measured holds for one queue only: the next one may consist of other operations."""
        if not self.waiting:
            self._waiting_since = self._ended_at = None
            self._interval = 0.0

    def _schedule_tick(self) -> None:
        self._due = self._clock() + TICK_SECONDS
        self._tick = asyncio.get_running_loop().call_later(TICK_SECONDS, self._on_tick)

    def _on_tick(self) -> None:
        """Adapt the limit by how late this timer is, and reject operations that waited too long."""
        now = self._clock()
        self.limit.adapt(now - self._due)
        self._skip_stall(now)
        self._start_waiting()
        if self._count >= self.limit.value:
            for queue, signed_in in ((self._signed_in, True), (self._anonymous, False)):
                for waiter in queue.take_expired(now - MAX_WAIT_SECONDS):
                    waiter.admitted.set_exception(self._reject(signed_in))
            self._forget_if_empty()
        if self.waiting or self.limit.is_lowered:
            self._schedule_tick()
        else:
            self._tick = None

    def _skip_stall(self, now: float) -> None:
        """Do not count a stall of the event loop as waiting, nor as the time that operations take."""
        stall = now - self._due
        if self._tick is None or stall < _STALL_SECONDS:
            return
        self._due = now
        self._signed_in.postpone(stall)
        self._anonymous.postpone(stall)
        if self._waiting_since is not None:
            self._waiting_since += stall
        if self._ended_at is not None:
            self._ended_at += stall


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
