"""Operations that wait for their turn, round robin between clients."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from common.metrics.instruments import UpDownCounter

_WAITING = UpDownCounter("shinjp_operations_waiting", "Operations that wait for others to end.")[()]


@dataclass(slots=True, eq=False)
class Waiter:
    """`admitted`: done when the operation may run, or is rejected."""

    enqueued_at: float
    admitted: asyncio.Future[None]


@dataclass(slots=True)
class ClientQueue:
    """`count`: the number of waiting operations.

    Operations are expected between the decision to start their requests and the moment they wait or run.
    """

    count: int = 0
    # In the order of the clients' turns; of each, its operations in the order of their arrival.
    _clients: dict[str, deque[Waiter]] = field(default_factory=dict)
    # The numbers of expected operations by client.
    _expected: dict[str, int] = field(default_factory=dict)
    _expected_count: int = 0
    # Of the expected operations' clients, those without waiting ones.
    _new_client_count: int = 0

    def count_of(self, key: str) -> int:
        """The number of waiting operations of one client."""
        waiters = self._clients.get(key)
        return 0 if waiters is None else len(waiters)

    def expect(self, key: str) -> None:
        number = self._expected.get(key, 0)
        if not number and key not in self._clients:
            self._new_client_count += 1
        self._expected[key] = number + 1
        self._expected_count += 1

    def forget_expected(self) -> None:
        self._expected.clear()
        self._expected_count = self._new_client_count = 0

    def total(self) -> int:
        """The number of waiting and expected operations."""
        return self.count + self._expected_count

    def total_of(self, key: str) -> int:
        """The number of waiting and expected operations of one client."""
        return self.count_of(key) + self._expected.get(key, 0)

    def turns_before(self, key: str) -> int:
        """How many operations have their turn before the client's next one.

        Each other client has at most one turn before each of this one.
        """
        clients = len(self._clients) + self._new_client_count
        return min(self.total(), (self.total_of(key) + 1) * clients)

    def append(self, key: str, waiter: Waiter) -> None:
        self._clients.setdefault(key, deque()).append(waiter)
        self._add_to_count(1)

    def remove(self, key: str, waiter: Waiter) -> bool:
        """Remove a waiter whose client disconnected. Returns False if it was removed before."""
        waiters = self._clients.get(key)
        if waiters is None or waiter not in waiters:
            return False
        waiters.remove(waiter)
        if not waiters:
            del self._clients[key]
        self._add_to_count(-1)
        return True

    def take_next(self, may_run: Callable[[str], bool]) -> tuple[str, Waiter] | None:
        """Remove and return the next operation of the first client that `may_run`, whose next turn is its last one."""
        for key, waiters in list(self._clients.items()):
            while waiters and may_run(key):
                waiter = waiters.popleft()
                self._add_to_count(-1)
                del self._clients[key]
                if waiters:
                    self._clients[key] = waiters
                # Otherwise it was cancelled, and its task has not run since.
                if not waiter.admitted.done():
                    return key, waiter
        return None

    def take_expired(self, before: float) -> Iterator[Waiter]:
        """Remove and return the operations enqueued before this time."""
        for key, waiters in list(self._clients.items()):
            while waiters and waiters[0].enqueued_at < before:
                waiter = waiters.popleft()
                self._add_to_count(-1)
                if not waiter.admitted.done():
                    yield waiter
            if not waiters:
                del self._clients[key]

    def postpone(self, seconds: float) -> None:
        """Do not count this time as waiting."""
        for waiters in self._clients.values():
            for waiter in waiters:
                waiter.enqueued_at += seconds

    def _add_to_count(self, number: int) -> None:
        self.count += number
        _WAITING.add(number)
