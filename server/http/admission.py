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
# Ends within this time are measured together with the time until the next one: an event loop that is late handles many
# of them in one iteration, and a mean of the times between these would admit more operations than have a turn in time.
_MIN_MEASURED_SECONDS = 0.05
# For how long that mean holds after the queue became empty. An overload that ends for a moment, because all that waited
# were rejected or started, would admit a whole queue of operations that are rejected a second later.
_INTERVAL_SECONDS = 1.0

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
        self._has_expected = False
        self._light_clients = RecentClients()
        # The mean time between two ends while all slots are taken and others wait; 0 until it is known.
        self._interval = 0.0
        # The start of the next measurement: an end of such an operation. How many have ended since.
        self._measured_at: float | None = None
        self._ends = 0
        # When the last operation ended, or the first one waited, if that was later.
        self._progress_at = 0.0
        self._waiting_since: float | None = None
        self._empty_since = 0.0
        self._tick: asyncio.TimerHandle | None = None
        # When the tick is due, or was after the last stall.
        self._due = 0.0

    @property
    def waiting(self) -> int:
        """The number of waiting operations."""
        return self._signed_in.count + self._anonymous.count

    @property
    def is_full(self) -> bool:
        """Whether a further operation may have to wait."""
        return self.waiting > 0 or self._count >= self.limit.value > 0

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
            self._waiting_since = self._progress_at = now
            if not self._is_interval_recent(now):
                self._interval = 0.0
        if self._tick is None:
            self._schedule_tick()
        try:
            await waiter.admitted
        except asyncio.CancelledError:
            if not waiter.admitted.cancelled() and waiter.admitted.exception() is None:
                self.leave(client.key)
            elif queue.remove(client.key, waiter):
                self._end_if_empty()
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
        queue = self._queue_of(client)
        if queue.total_of(client.key) >= WAITING_PER_CLIENT:
            return True
        if self._count < self.limit.value:
            return False
        # Signed-in clients have all of their turns first.
        before = queue.turns_before(client.key) + (0 if client.signed_in else self._signed_in.total())
        now = self._clock()
        self._skip_stall(now)
        # The first in the queue waits, so that the interval is measured again.
        return before > 0 and (before + 1) * self._expected_interval(now) > self._max_wait(now)

    def expect(self, client: AdmissionClient) -> None:
        """Count an operation whose request starts now as one that waits, until it enters.

        The event loop starts many requests in an iteration, before the first of them enters. Too many would be started,
        which costs several times as much as rejecting them.
        """
        if not self._has_expected:
            self._has_expected = True
            # Before the requests that start now.
            asyncio.get_running_loop().call_soon(self._forget_expected)
        self._queue_of(client).expect(client.key)

    def _forget_expected(self) -> None:
        self._has_expected = False
        self._signed_in.forget_expected()
        self._anonymous.forget_expected()

    def _queue_of(self, client: AdmissionClient) -> ClientQueue:
        return self._signed_in if client.signed_in else self._anonymous

    def _expected_interval(self, now: float) -> float:
        """Return the mean time between two ends, or what it is at least if no operation has ended for some time."""
        if self._waiting_since is None:
            return self._interval if self._is_interval_recent(now) else 0.0
        return max(self._interval, (now - self._progress_at) / self._count)

    def _is_interval_recent(self, now: float) -> bool:
        return now - self._empty_since <= _INTERVAL_SECONDS

    def _max_wait(self, now: float) -> float:
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
        now = self._clock()
        self._skip_stall(now)
        self._progress_at = now
        if not is_full or self._measured_at is None:
            self._measured_at, self._ends = now if is_full else None, 0
            return
        self._ends += 1
        elapsed = now - self._measured_at
        if elapsed >= _MIN_MEASURED_SECONDS:
            weight = 1 - (1 - _SMOOTHING) ** self._ends if self._interval else 1
            self._interval += (elapsed / self._ends - self._interval) * weight
            self._measured_at, self._ends = now, 0

    def _start_waiting(self) -> None:
        """Admit waiting operations while slots are free: of signed-in clients first, round robin."""
        while self._count < self.limit.value:
            taken = self._signed_in.take_next(self._may_run) or self._anonymous.take_next(self._may_run)
            if taken is None:
                break
            key, waiter = taken
            self._start(key)
            waiter.admitted.set_result(None)
        self._end_if_empty()

    def _end_if_empty(self) -> None:
        """What was measured does not hold for a later queue, which may consist of other operations."""
        if not self.waiting and self._waiting_since is not None:
            self._waiting_since = self._measured_at = None
            self._empty_since = self._clock()

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
            self._end_if_empty()
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
        if self._measured_at is not None:
            self._measured_at += stall
        self._progress_at += stall


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
