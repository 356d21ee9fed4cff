"""How often a client did something in a while, counted in Redis for all processes together."""

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

# What a client and each use of it take in memory.
_CLIENT_BYTES, _USE_BYTES = 500, 500

# A sorted set for each client: what was used, by the time from which it counts for a span. A member has the number, the
# bytes and the token of a use, or of all uses in one part of the span. One command, so that two processes never both
# take what is left; by the clock of Redis, so that theirs need not agree.
_TAKE = """
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
    -- Each member is one use: which of them there are does not matter.
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
-- How many of the oldest have to be past until there is room.
local i = -1
while left < 0 or (max_bytes >= 0 and left_bytes < 0) do
    i = i + 2
    left, left_bytes = left + numbers[i], left_bytes + sizes[i]
end
return string.format('%d', math.ceil((uses[i + 1] + span - now) * 1000000) + 1)
"""
_GIVE_BACK = "return redis.call('zrem', KEYS[1], ARGV[1])"


class RateLimits:
    """Of one process. Without Redis, the process continues from its own usage.

    `namespace`: of the keys. `limits`: as they are configured. `refused`: how often each refused something.
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
        """The limit as the settings have it."""
        return self._limits.get(limit.name, limit)

    async def take(
        self, limit: RateLimit, client: str, amount: int = 1, *, token: str | None = None, bytes: int = 0
    ) -> None:
        """Counts it, all or nothing, and once for a token. One round trip. Raises RateLimited.

        `client`: whose limit it is. More than the limit has at all counts as the whole limit.
        """
        limit = self.configured(limit)
        use = _Use(min(amount, limit.times), min(bytes, limit.max_bytes or 0), token or new_id().hex)
        wait = await self._take(limit, client, use)
        if wait:
            self.refused[limit.name] += 1
            raise limit.exceeded(wait)

    async def give_back(self, limit: RateLimit, client: str, token: str) -> None:
        """What was taken by this token was not used."""
        use = _Use(1, 0, token)
        self._local.give_back(limit, client, use)
        if self._redis is not None:
            with suppress(CacheUnavailable):
                await self._redis.eval(_GIVE_BACK, self._key(limit, client), use.member)

    async def _take(self, limit: RateLimit, client: str, use: "_Use") -> timedelta:
        if self._redis is not None:
            max_bytes = -1 if limit.max_bytes is None else limit.max_bytes
            span, part = limit.span.total_seconds(), limit.part.total_seconds()
            with suppress(CacheUnavailable):
                found = await self._redis.eval(
                    _TAKE,
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
                    # A busy moment, in which Redis is too late, must not give everything again.
                    self._local.take(limit, client, use, force=True)
                return wait
        return self._local.take(limit, client, use)

    def _key(self, limit: RateLimit, client: str) -> str:
        return keys.rate_limit(limit.name, self._namespace, client)


class _Use(NamedTuple):
    """`amount`: how many."""

    amount: int
    bytes: int
    token: str

    @property
    def member(self) -> str:
        return f"{self.amount}:{self.bytes}:{self.token}"


class _Window:
    """The uses of a client by their tokens, in the order of the times from which they count, and their sums."""

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
    """The same rules in the memory of one process. Clients are bounded in bytes: who was not seen for longest goes."""

    def __init__(self, max_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._used: LRUCache[tuple[str, str], _Window] = LRUCache(
            max_bytes, lambda key, window: _CLIENT_BYTES + len(key[1]) + _USE_BYTES * len(window.uses)
        )

    def take(self, limit: RateLimit, client: str, use: _Use, *, force: bool = False) -> timedelta:
        """Nothing, and it counts; or how long until it would. `force`: it was admitted elsewhere, and counts."""
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
            for began, one in window.uses.values():
                if left >= 0 and left_bytes >= 0:
                    break
                left, left_bytes, wait = left + one.amount, left_bytes + one.bytes, began + span - now
        if not wait:
            window.put(since, use)
        self._used.put(key, window)
        # Rounded up: after it there is room.
        return timedelta(microseconds=ceil(wait * 1_000_000))

    def give_back(self, limit: RateLimit, client: str, use: _Use) -> None:
        window = self._used.get((limit.name, client))
        if window is not None:
            window.remove(use.token)
            self._used.resize((limit.name, client))
