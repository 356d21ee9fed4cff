"""Rate limits in the memory of one process: its own uses, and uses that it has leased from Redis."""

import time
from collections.abc import Callable
from datetime import timedelta
from math import ceil
from typing import NamedTuple

from common.lru_cache import LRUCache
from domain.rate_limits import RateLimit

# Memory of a client's window, and of each use in it.
_CLIENT_BYTES, _USE_BYTES = 600, 500


class Use(NamedTuple):
    """Uses that are counted together."""

    amount: int
    bytes: int
    token: str

    @property
    def member(self) -> str:
        return f"{self.amount}:{self.bytes}:{self.token}"


class Lease(NamedTuple):
    """Uses that are counted in Redis in advance, in a part of the span.

    `seconds`: until the end of the part, with which they expire: later uses would expire too early.
    """

    amount: int
    part: str
    seconds: float = 0.0


NO_LEASE = Lease(0, "")


class _Window:
    """The uses of a client by token, ordered by the time from which they count, and their sums."""

    __slots__ = ("amount", "bytes", "lease_end", "lease_part", "leased", "uses")

    def __init__(self) -> None:
        self.uses: dict[str, tuple[float, Use]] = {}
        self.amount = self.bytes = 0
        self.leased = 0
        self.lease_part = ""
        self.lease_end = 0.0

    def put(self, since: float, use: Use) -> None:
        before = self.uses.get(use.token)
        if before is not None:
            use = use._replace(amount=use.amount + before[1].amount, bytes=use.bytes + before[1].bytes)
            self.remove(use.token)
        self.uses[use.token] = since, use
        self.amount, self.bytes = self.amount + use.amount, self.bytes + use.bytes

    def remove(self, token: str) -> None:
        found = self.uses.pop(token, None)
        if found is not None:
            self.amount, self.bytes = self.amount - found[1].amount, self.bytes - found[1].bytes

    def expire(self, until: float) -> None:
        while self.uses:
            token, (since, _) = next(iter(self.uses.items()))
            if since > until:
                return
            self.remove(token)


class LocalRateLimits:
    """The same algorithm in the memory of a process. The least recently seen clients are evicted."""

    def __init__(self, max_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._used: LRUCache[tuple[str, str], _Window] = LRUCache(
            max_bytes, lambda key, window: _CLIENT_BYTES + len(key[1]) + _USE_BYTES * len(window.uses)
        )

    def acquire(self, limit: RateLimit, client: str, use: Use, *, force: bool = False) -> timedelta:
        """Count a use and return zero, or return the time until it is allowed. `force`: count it in any case."""
        key, now, span, part = (limit.name, client), self._clock(), limit.span.total_seconds(), limit.part
        since = now
        if part:
            number = int(now / part.total_seconds())
            since, use = (number + 1) * part.total_seconds(), use._replace(token=str(number))
        window = self._used.get(key) or _Window()
        window.expire(now - span)
        if not part and use.token in window.uses:
            return timedelta()
        left = limit.times - use.amount - window.amount
        left_bytes = (limit.max_bytes or 0) - use.bytes - window.bytes
        wait = 0.0
        if not force:
            for started_at, one in window.uses.values():
                if left >= 0 and left_bytes >= 0:
                    break
                left, left_bytes, wait = left + one.amount, left_bytes + one.bytes, started_at + span - now
        if not wait:
            window.put(since, use)
        self._used[key] = window
        # Rounded up, so that a retry after it succeeds.
        return timedelta(microseconds=ceil(wait * 1_000_000))

    def release(self, limit: RateLimit, client: str, use: Use) -> None:
        window = self._used.get((limit.name, client))
        if window is not None:
            window.remove(use.token)
            self._used.resize((limit.name, client))

    def acquire_leased(self, limit: RateLimit, client: str, use: Use) -> bool:
        """Count a use of the lease. Returns False if the lease has too few."""
        window = self._used.get((limit.name, client))
        if window is None or window.leased < use.amount or self._clock() >= window.lease_end:
            return False
        window.leased -= use.amount
        self.acquire(limit, client, use, force=True)
        return True

    def lease_size(self, limit: RateLimit, client: str, amount: int) -> int:
        """Return how many uses to lease with this one: the rest of a block, if the client is active in this process.

        Zero if the rest is too short for another such use.
        """
        size = limit.block - amount
        window = self._used.get((limit.name, client)) if size >= amount else None
        if window is None or not window.uses:
            return 0
        since, _ = next(reversed(window.uses.values()))
        # The last use counts from the end of its part, which is the current one.
        return size if since > self._clock() else 0

    def add_lease(self, limit: RateLimit, client: str, lease: Lease, requested_at: float) -> None:
        """Store a lease that Redis granted some time after `requested_at`, by the same clock."""
        window = self._used.get((limit.name, client))
        if window is None:
            return
        end = requested_at + lease.seconds
        if window.leased and window.lease_part == lease.part:
            window.leased, window.lease_end = window.leased + lease.amount, min(window.lease_end, end)
        else:
            window.leased, window.lease_part, window.lease_end = lease.amount, lease.part, end

    def end_lease(self, limit: RateLimit, client: str) -> Lease:
        """Remove and return the rest of the lease, to return it to Redis."""
        window = self._used.get((limit.name, client))
        if window is None or not window.leased:
            return NO_LEASE
        left, window.leased = window.leased, 0
        return Lease(left, window.lease_part)

    def now(self) -> float:
        return self._clock()
