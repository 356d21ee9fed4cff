"""What all connections of a process may hold together, and which of them give way.

The guard looks at every connection once a second, in ten slices, instead of setting timers for each request. Deadlines
are therefore up to two seconds longer than their settings.
"""

import heapq
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol

import structlog

log = structlog.get_logger()

_ROUND_SECONDS = 1.0
_SLICES = 10
# A connection is idle when it has waited as long; one that was just opened is not.
_MIN_IDLE_SECONDS = 1.0
# Of a hundred connections, so many give way at each search: a search for each newcomer would take too long.
_PERCENT_THAT_GIVE_WAY = 1
# With fewer free file descriptors than that, connections give way before accepting fails.
_SPARE_DESCRIPTORS = 16
# Refused connections that are kept open until their clients have read the answer.
_MAX_LINGERING = 64
_LOG_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class TransportLimits:
    """Of connections. Rates in bytes per second; `max_connections_per_address`: 0 is no limit."""

    first_byte_seconds: float = 10
    head_seconds: float = 10
    body_grace_seconds: float = 10
    body_min_rate: float = 1_024
    write_seconds: float = 30
    send_min_rate: float = 1_024
    max_connections: int = 10_000
    max_connections_per_address: int = 0
    max_unsent_bytes: int = 256 * 1024 * 1024
    max_unsent_bytes_per_connection: int = 64 * 1024 * 1024
    max_unfinished_bytes: int = 64 * 1024 * 1024


class Reason(StrEnum):
    """Why a connection was closed before its client wanted it."""

    SILENT = "first_byte"
    HEAD = "head"
    BODY = "body"
    IDLE = "idle"
    WRITE = "write"
    UNSENT = "unsent_bytes"
    UNFINISHED = "unfinished_bytes"
    GAVE_WAY = "gave_way"


class Guarded(Protocol):
    """A connection."""

    address: str | None
    network: str
    is_stalled: bool

    def check(self, now: float) -> None:
        """Applies the deadlines."""

    def unsent_bytes(self) -> int: ...
    def waiting_since(self) -> float | None:
        """None while a request is answered."""

    def abort(self, reason: Reason) -> None: ...
    def reject_unfinished(self) -> None:
        """Refuses the request or message that has arrived in part."""


class Guard:
    """Of one process. Totals are public for the metrics."""

    def __init__(
        self, limits: TransportLimits, connections: set[Guarded], is_proxy: Callable[[str | None], bool]
    ) -> None:
        self.limits = limits
        self._is_proxy = is_proxy
        self.connections = connections
        self.now = time.monotonic()
        self.closed: Counter[Reason] = Counter()
        self.refused: Counter[HTTPStatus] = Counter()
        # Requests and messages that have arrived in part. The oldest are first.
        self.unfinished: dict[Guarded, int] = {}
        self.unfinished_bytes = 0
        self.lingering = 0
        self._by_network: dict[str, set[Guarded]] = {}
        self._paused: set[Guarded] = set()
        # As of the last round, and what was added to it since.
        self._unsent_estimate = 0
        self._unsent_beside_paused = 0
        self._full_at = -1.0
        self._is_out_of_descriptors = False
        self._remaining: list[Guarded] = []
        self._slice = 0
        self._next_round = 0.0
        self._next_tick = 0.0
        self._logged: Counter[str] = Counter()
        self._log_at = 0.0

    # Connections

    def admit(self, connection: Guarded) -> HTTPStatus | None:
        """None, or the status of the refusal. Idle connections give way first."""
        self.add(connection)
        others = self._by_network[connection.network]
        limit = self.limits.max_connections_per_address
        if 0 < limit < len(others) and self._has_own_limit(connection) and not self._make_room(others):
            return self._refuse(connection, HTTPStatus.TOO_MANY_REQUESTS)
        if len(self.connections) > self.limits.max_connections and not self._make_room(self.connections):
            return self._refuse(connection, HTTPStatus.SERVICE_UNAVAILABLE)
        return None

    def _has_own_limit(self, connection: Guarded) -> bool:
        """A Unix socket has no address, and a proxy's is that of many clients."""
        return connection.address is not None and not self._is_proxy(connection.address)

    def add(self, connection: Guarded) -> None:
        self.connections.add(connection)
        self._by_network.setdefault(connection.network, set()).add(connection)

    def remove(self, connection: Guarded) -> None:
        self.connections.discard(connection)
        self._paused.discard(connection)
        self.finish(connection)
        others = self._by_network.get(connection.network)
        if others is not None:
            others.discard(connection)
            if not others:
                del self._by_network[connection.network]

    def may_linger(self) -> bool:
        return self.lingering < _MAX_LINGERING

    def idle_count(self) -> int:
        return sum(connection.waiting_since() is not None for connection in self.connections)

    def _refuse(self, connection: Guarded, status: HTTPStatus) -> HTTPStatus:
        self.remove(connection)
        self.refused[status] += 1
        return status

    def _make_room(self, connections: Collection[Guarded]) -> bool:
        """The longest idle ones give way. False where none is idle."""
        if self._full_at == self.now and connections is self.connections:
            return False
        idle_before = self.now - _MIN_IDLE_SECONDS
        idle = [
            (since, id(connection), connection)
            for connection in connections
            if (since := connection.waiting_since()) is not None and since <= idle_before
        ]
        for _, _, connection in heapq.nsmallest(1 + len(connections) * _PERCENT_THAT_GIVE_WAY // 100, idle):
            connection.abort(Reason.GAVE_WAY)
        if not idle and connections is self.connections:
            self._full_at = self.now
        return bool(idle)

    def descriptors_ran_out(self) -> None:
        """Logs it once, until there are some again."""
        if not self._is_out_of_descriptors:
            self._is_out_of_descriptors = True
            log.error("file descriptors ran out: idle connections are closed", connections=len(self.connections))
        self._make_room(self.connections)

    # What clients have not read

    def add_unsent(self, connection: Guarded) -> None:
        """More was written than the client has room for."""
        size = connection.unsent_bytes()
        if size > self.limits.max_unsent_bytes_per_connection:
            connection.abort(Reason.UNSENT)
            return
        self._paused.add(connection)
        self._unsent_estimate += size
        if self._unsent_estimate > self.limits.max_unsent_bytes // 2:
            self._limit_unsent(self._paused, self._unsent_beside_paused)

    def drained(self, connection: Guarded) -> None:
        self._paused.discard(connection)

    @property
    def unsent_bytes(self) -> int:
        return sum(connection.unsent_bytes() for connection in self.connections)

    def _limit_unsent(self, candidates: Iterable[Guarded], others: int) -> None:
        """From half of the limit on those that do not read are closed; beyond the limit the largest, whoever it is."""
        limit = self.limits.max_unsent_bytes
        held = sorted(
            ((connection.unsent_bytes(), id(connection), connection) for connection in candidates), reverse=True
        )
        total = others + sum(size for size, _, _ in held)
        for must_stall, bound in ((True, limit // 2), (False, limit)):
            for index, (size, _, connection) in enumerate(held):
                if total <= bound or not size:
                    break
                if connection.is_stalled or not must_stall:
                    connection.abort(Reason.UNSENT)
                    held[index] = (0, 0, connection)
                    total -= size
            held = [entry for entry in held if entry[0]]
        self._unsent_estimate = total

    # What has not arrived whole

    def count_unfinished(self, connection: Guarded, size: int) -> None:
        """`size`: all that it has. Beyond the total the oldest is rejected, which hardly ever is one whose client sends
        as fast as it can.
        """
        if not size:
            self.finish(connection)
            return
        self.unfinished_bytes += size - self.unfinished.get(connection, 0)
        self.unfinished[connection] = size
        while self.unfinished_bytes > self.limits.max_unfinished_bytes:
            oldest = next(iter(self.unfinished))
            self.finish(oldest)
            self.closed[Reason.UNFINISHED] += 1
            oldest.reject_unfinished()

    def finish(self, connection: Guarded) -> None:
        self.unfinished_bytes -= self.unfinished.pop(connection, 0)

    # Rounds

    def tick(self, now: float) -> None:
        """Called several times a second. Looks at a tenth of the connections each tenth of a second."""
        if now < self._next_tick:
            return
        self.now = now
        self._next_tick = now + _ROUND_SECONDS / _SLICES
        if not self._remaining and now >= self._next_round:
            self._end_round()
            self._remaining = list(self.connections)
            self._slice = -(-len(self._remaining) // _SLICES)
            self._next_round = now + _ROUND_SECONDS
        checked = self._remaining[-self._slice :] if self._slice else []
        del self._remaining[len(self._remaining) - len(checked) :]
        for connection in checked:
            if connection in self.connections:
                connection.check(now)

    def sweep(self, now: float) -> None:
        """A whole round."""
        self.now = now
        for connection in list(self.connections):
            connection.check(now)
        self._end_round()

    def _end_round(self) -> None:
        sizes = [(connection.unsent_bytes(), connection) for connection in self.connections]
        self._unsent_estimate = sum(size for size, _ in sizes)
        self._unsent_beside_paused = sum(size for size, connection in sizes if connection not in self._paused)
        if self._unsent_estimate > self.limits.max_unsent_bytes // 2:
            self._limit_unsent([connection for size, connection in sizes if size], 0)
        if not _has_spare_descriptors():
            self.descriptors_ran_out()
        else:
            self._is_out_of_descriptors = False
        self._log_closed()

    def _log_closed(self) -> None:
        """A line for all of them, however many there are."""
        if self.now < self._log_at:
            return
        counts = Counter({reason.value: number for reason, number in self.closed.items() if reason is not Reason.IDLE})
        counts += Counter({f"refused_{status.value}": number for status, number in self.refused.items()})
        new = counts - self._logged
        if new:
            log.warning("connections were closed by limits", **new)
            self._logged, self._log_at = counts, self.now + _LOG_SECONDS


def _has_spare_descriptors() -> bool:
    opened: list[int] = []
    try:
        opened.extend(os.open(os.devnull, os.O_RDONLY) for _ in range(_SPARE_DESCRIPTORS))
    except OSError:
        return False
    finally:
        for descriptor in opened:
            os.close(descriptor)
    return True
