"""Limits the connections of a process and their buffers, and closes connections beyond the limits.

The guard checks every connection once a second, in ten slices, instead of setting timers for each request. Deadlines
are therefore up to two seconds longer than their settings.
"""

import heapq
import os
import time
from collections import Counter
from collections.abc import Collection, Iterable
from http import HTTPStatus

import structlog
from starlette.types import Scope

from server.http.client_address import TrustedProxies, network_of
from server.transport.connection_limits import CloseReason, TransportLimits
from server.transport.guarded import Guarded

log = structlog.get_logger()

_ROUND_SECONDS = 1.0
_SLICES = 10
# A connection counts as idle after this time, so that one that was just opened is not evicted.
_MIN_IDLE_SECONDS = 1.0
# The share of connections that are evicted together, because a search for each new connection would take too long.
_EVICTED_PERCENT = 1
# With fewer free file descriptors, idle connections are evicted before accepting fails.
_SPARE_DESCRIPTORS = 16
# Refused connections that are kept open until their clients have read the response.
_MAX_LINGERING = 64
_LOG_SECONDS = 10.0


class Guard:
    """The guard of a process. Its totals are read by the metrics."""

    def __init__(self, limits: TransportLimits, connections: set[Guarded], proxies: TrustedProxies) -> None:
        self.limits = limits
        self.proxies = proxies
        self.connections = connections
        self.now = time.monotonic()
        self.closed: Counter[CloseReason] = Counter()
        self.refused: Counter[HTTPStatus] = Counter()
        # Sizes of incompletely received requests and messages, the oldest first.
        self.unfinished: dict[Guarded, int] = {}
        self.unfinished_bytes = 0
        self.lingering = 0
        # Connections without a request, as of the last round: metrics are collected in a thread.
        self.idle_count = 0
        self._idle_in_round = 0
        self._by_network: dict[str, set[Guarded]] = {}
        self._paused: set[Guarded] = set()
        # As of the last round, plus what was added since.
        self._unsent_estimate = 0
        self._unsent_by_others = 0
        self._nothing_idle_at = -1.0
        self._are_descriptors_exhausted = False
        self._remaining: list[Guarded] = []
        self._slice = 0
        self._next_round = 0.0
        self._next_tick = 0.0
        self._logged: Counter[str] = Counter()
        self._log_at = 0.0

    # Connections

    def admit(self, connection: Guarded) -> HTTPStatus | None:
        """Add a connection, evicting idle ones if necessary. Return None, or the status with which to refuse it."""
        self.add(connection)
        others = self._by_network[connection.network]
        if self._has_too_many(others) and self._is_limited_by_address(connection) and not self._evict_idle(others):
            return self._refuse(connection, HTTPStatus.TOO_MANY_REQUESTS)
        if len(self.connections) > self.limits.max_connections and not self._evict_idle(self.connections):
            return self._refuse(connection, HTTPStatus.SERVICE_UNAVAILABLE)
        return None

    def admit_request(self, connection: Guarded, scope: Scope) -> bool:
        """Count a trusted proxy's connection as one of the client whose request it forwards, until it is released.

        Return False, and do not count it, if the client has too many.
        """
        address = self.proxies.get_client_address(scope)
        if address is None or self.proxies.trusts(address):
            # A request of the proxy itself.
            self.release(connection)
            return True
        self._move(connection, network_of(address))
        if not self._has_too_many(self._by_network[connection.network]):
            return True
        self.release(connection)
        self.refused[HTTPStatus.TOO_MANY_REQUESTS] += 1
        return False

    def release(self, connection: Guarded) -> None:
        """Count a connection as one of its peer again."""
        self._move(connection, network_of(connection.address))

    def _has_too_many(self, connections: Collection[Guarded]) -> bool:
        return 0 < self.limits.max_connections_per_address < len(connections)

    def _is_limited_by_address(self, connection: Guarded) -> bool:
        """Unix sockets have no address, and a proxy's address is shared by many clients."""
        return connection.address is not None and not connection.is_proxy

    def add(self, connection: Guarded) -> None:
        self.connections.add(connection)
        self._by_network.setdefault(connection.network, set()).add(connection)

    def remove(self, connection: Guarded) -> None:
        self.connections.discard(connection)
        self._paused.discard(connection)
        self.finish(connection)
        self._leave_network(connection)

    def _move(self, connection: Guarded, network: str) -> None:
        if network != connection.network:
            self._leave_network(connection)
            connection.network = network
            self._by_network.setdefault(network, set()).add(connection)

    def _leave_network(self, connection: Guarded) -> None:
        others = self._by_network.get(connection.network)
        if others is not None:
            others.discard(connection)
            if not others:
                del self._by_network[connection.network]

    def can_linger(self) -> bool:
        return self.lingering < _MAX_LINGERING

    def _refuse(self, connection: Guarded, status: HTTPStatus) -> HTTPStatus:
        self.remove(connection)
        self.refused[status] += 1
        return status

    def _evict_idle(self, connections: Collection[Guarded]) -> bool:
        """Close the connections that have been idle longest. Return False if none is idle."""
        if self._nothing_idle_at == self.now and connections is self.connections:
            return False
        idle_before = self.now - _MIN_IDLE_SECONDS
        idle = [
            (since, id(connection), connection)
            for connection in connections
            if (since := connection.idle_since()) is not None and since <= idle_before
        ]
        for _, _, connection in heapq.nsmallest(1 + len(connections) * _EVICTED_PERCENT // 100, idle):
            connection.abort(CloseReason.EVICTED)
        if not idle and connections is self.connections:
            self._nothing_idle_at = self.now
        return bool(idle)

    def on_descriptors_exhausted(self) -> None:
        """Evict idle connections, and log the exhaustion once until descriptors are available again."""
        if not self._are_descriptors_exhausted:
            self._are_descriptors_exhausted = True
            log.error("file descriptors exhausted: closing idle connections", connections=len(self.connections))
        self._evict_idle(self.connections)

    # Unsent bytes

    def add_unsent(self, connection: Guarded) -> None:
        """Count a connection whose write buffer is above the high-water mark."""
        size = connection.unsent_bytes()
        if size > self.limits.max_unsent_bytes_per_connection:
            connection.abort(CloseReason.UNSENT)
            return
        self._paused.add(connection)
        self._unsent_estimate += size
        if self._unsent_estimate > self.limits.max_unsent_bytes // 2:
            self._limit_unsent(self._paused, self._unsent_by_others)

    def on_drained(self, connection: Guarded) -> None:
        """Stop counting a connection whose write buffer is below the low-water mark."""
        self._paused.discard(connection)

    @property
    def unsent_bytes(self) -> int:
        # A copy, because the set may change while a thread collects metrics.
        return sum(connection.unsent_bytes() for connection in list(self.connections))

    def _limit_unsent(self, candidates: Iterable[Guarded], others: int) -> None:
        """Close stalled connections above half of the limit, and any connections above the limit, the largest first."""
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
                    connection.abort(CloseReason.UNSENT)
                    held[index] = (0, 0, connection)
                    total -= size
            held = [entry for entry in held if entry[0]]
        self._unsent_estimate = total

    # Unfinished requests and messages

    def count_unfinished(self, connection: Guarded, size: int) -> None:
        """Set the size of a connection's unfinished input, and reject the oldest requests while the total is too large.

        A client that sends as fast as it can hardly ever has the oldest one.
        """
        if not size:
            self.finish(connection)
            return
        self.unfinished_bytes += size - self.unfinished.get(connection, 0)
        self.unfinished[connection] = size
        while self.unfinished_bytes > self.limits.max_unfinished_bytes:
            oldest = next(iter(self.unfinished))
            self.finish(oldest)
            self.closed[CloseReason.UNFINISHED] += 1
            oldest.reject_unfinished()

    def finish(self, connection: Guarded) -> None:
        self.unfinished_bytes -= self.unfinished.pop(connection, 0)

    # Rounds

    def tick(self, now: float) -> None:
        """Check a tenth of the connections each tenth of a second. Called more often than that."""
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
                self._idle_in_round += connection.idle_since() is not None

    def _end_round(self) -> None:
        self.idle_count, self._idle_in_round = self._idle_in_round, 0
        sizes = [(connection.unsent_bytes(), connection) for connection in self.connections]
        self._unsent_estimate = sum(size for size, _ in sizes)
        self._unsent_by_others = sum(size for size, connection in sizes if connection not in self._paused)
        if self._unsent_estimate > self.limits.max_unsent_bytes // 2:
            self._limit_unsent([connection for size, connection in sizes if size], 0)
        if not _has_spare_descriptors():
            self.on_descriptors_exhausted()
        else:
            self._are_descriptors_exhausted = False
        self._log_limits()

    def _log_limits(self) -> None:
        """Log one line for all connections closed since the last line."""
        if self.now < self._log_at:
            return
        counts = Counter(
            {reason.value: number for reason, number in self.closed.items() if reason is not CloseReason.IDLE}
        )
        counts += Counter({f"refused_{status.value}": number for status, number in self.refused.items()})
        new = counts - self._logged
        if new:
            log.warning("connections closed by limits", **new)
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
