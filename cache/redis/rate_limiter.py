"""Sliding-window rate limiter, counted in Redis for all processes."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from math import ceil
from typing import NamedTuple

from cache import keys
from cache.redis.client import CacheUnavailable, RedisClient
from common.lru_cache import LRUCache
from domain.ids import new_id
from domain.rate_limits import RATE_LIMITS, RateLimit

# Memory of a client's window, and of each use in it.
_CLIENT_BYTES, _USE_BYTES = 500, 500

# A sorted set of uses per client, scored by the time from which they count. A member contains the amount, bytes and
# token of one use, or of all uses in one part of the span. The script is atomic, so that two processes cannot both
# acquire the rest, and uses the clock of Redis, because the clocks of processes may differ.
_ACQUIRE_SCRIPT = """
local time = redis.call('time')
local now = time[1] + time[2] / 1000000
local times, span, max_bytes = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local amount, bytes, token, part = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7])
local at = now
if part > 0 then
    local number = math.floor(now / part)
    token, at = string.format('%d', number), (number + 1) * part
end
redis.call('zremrangebyscore', KEYS[1], '-inf', now - span)
if ARGV[8] == '1' then
    -- Each member is one use, so that their number is sufficient.
    local member, count = string.format('1:0:%s', token), redis.call('zcard', KEYS[1])
    if redis.call('zscore', KEYS[1], member) then
        return '0'
    elseif count < times then
        redis.call('zadd', KEYS[1], now, member)
        redis.call('expire', KEYS[1], math.ceil(span))
        return '0'
    end
    local oldest = redis.call('zrange', KEYS[1], count - times, count - times, 'withscores')
    return string.format('%d', math.ceil((oldest[2] + span - now) * 1000000) + 1)
end
local uses = redis.call('zrange', KEYS[1], 0, -1, 'withscores')
local numbers, sizes, own = {}, {}, nil
local left, left_bytes = times - amount, max_bytes - bytes
for i = 1, #uses, 2 do
    local number, size, name = uses[i]:match('^(%d+):(%d+):(.*)$')
    numbers[i], sizes[i] = tonumber(number), tonumber(size)
    left, left_bytes = left - numbers[i], left_bytes - sizes[i]
    if name == token then
        own = i
    end
end
if own and part == 0 then
    return '0'
end
if left >= 0 and (max_bytes < 0 or left_bytes >= 0) then
    if own then
        redis.call('zrem', KEYS[1], uses[own])
        amount, bytes = amount + numbers[own], bytes + sizes[own]
    end
    redis.call('zadd', KEYS[1], at, string.format('%d:%d:%s', amount, bytes, token))
    redis.call('expire', KEYS[1], math.ceil(span + part))
    return '0'
end
-- The number of oldest uses that have to expire first.
local i = -1
while left < 0 or (max_bytes >= 0 and left_bytes < 0) do
    i = i + 2
    left, left_bytes = left + numbers[i], left_bytes + sizes[i]
end
return string.format('%d', math.ceil((uses[i + 1] + span - now) * 1000000) + 1)
"""
_RELEASE_SCRIPT = "return redis.call('zrem', KEYS[1], ARGV[1])"


class RateLimits:
    """The rate limits of a process. Without Redis the process continues with its own counts.

    `namespace`: part of the keys. `limits`: with their configured values. `refused`: the number of refusals by limit.
    """

    def __init__(
        self,
        redis: RedisClient | None,
        namespace: str,
        limits: Iterable[RateLimit] = RATE_LIMITS,
        *,
        max_local_bytes: int = 4 * 1024 * 1024,
    ) -> None:
        self._redis = redis
        self._namespace = namespace
        self._limits = {limit.name: limit for limit in limits}
        self._local = LocalRateLimits(max_local_bytes)
        self.refused: Counter[str] = Counter(dict.fromkeys(self._limits, 0))

    def configured(self, limit: RateLimit) -> RateLimit:
        """Return the limit with its configured values."""
        return self._limits.get(limit.name, limit)

    async def acquire(
        self, limit: RateLimit, client: str, amount: int = 1, *, token: str | None = None, bytes: int = 0
    ) -> None:
        """Count `amount` uses and `bytes` of a client, all or none; uses with the same token count once.

        An amount above the limit counts as the whole limit. One round trip. Raises RateLimited.
        """
        limit = self.configured(limit)
        use = _Use(min(amount, limit.times), min(bytes, limit.max_bytes or 0), token or new_id().hex)
        wait = await self._acquire(limit, client, use)
        if wait:
            self.refused[limit.name] += 1
            raise limit.exceeded(wait)

    async def release(self, limit: RateLimit, client: str, token: str) -> None:
        """Remove the use with this token."""
        use = _Use(1, 0, token)
        self._local.release(limit, client, use)
        if self._redis is not None:
            with suppress(CacheUnavailable):
                await self._redis.eval(_RELEASE_SCRIPT, self._key(limit, client), use.member)

    async def _acquire(self, limit: RateLimit, client: str, use: "_Use") -> timedelta:
        if self._redis is not None:
            max_bytes = -1 if limit.max_bytes is None else limit.max_bytes
            span, part = limit.span.total_seconds(), limit.part.total_seconds()
            with suppress(CacheUnavailable):
                found = await self._redis.eval(
                    _ACQUIRE_SCRIPT,
                    self._key(limit, client),
                    limit.times,
                    span,
                    max_bytes,
                    *use,
                    part,
                    int(limit.has_tokens and limit.max_bytes is None),
                )
                wait = timedelta(microseconds=int(found))
                if not wait:
                    # Counted locally as well, so that a slow Redis does not reset the limit.
                    self._local.acquire(limit, client, use, force=True)
                return wait
        return self._local.acquire(limit, client, use)

    def _key(self, limit: RateLimit, client: str) -> str:
        return keys.rate_limit(limit.name, self._namespace, client)


class _Use(NamedTuple):
    """Uses that are counted together."""

    amount: int
    bytes: int
    token: str

    @property
    def member(self) -> str:
        return f"{self.amount}:{self.bytes}:{self.token}"


class _Window:
    """The uses of a client by token, ordered by the time from which they count, and their sums."""

    __slots__ = ("amount", "bytes", "uses")

    def __init__(self) -> None:
        self.uses: dict[str, tuple[float, _Use]] = {}
        self.amount = self.bytes = 0

    def put(self, since: float, use: _Use) -> None:
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

    def acquire(self, limit: RateLimit, client: str, use: _Use, *, force: bool = False) -> timedelta:
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

    def release(self, limit: RateLimit, client: str, use: _Use) -> None:
        window = self._used.get((limit.name, client))
        if window is not None:
            window.remove(use.token)
            self._used.resize((limit.name, client))
