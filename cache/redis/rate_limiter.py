"""Sliding-window rate limiter, counted in Redis for all processes."""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from cache import keys
from cache.redis.client import CacheUnavailable, RedisClient
from cache.redis.local_rate_limits import Lease, LocalRateLimits, Use
from domain.ids import new_id
from domain.rate_limits import RATE_LIMITS, RateLimit

# A sorted set of uses per client, scored by the time from which they count. A member contains the amount, bytes and
# token of one use, or of all uses in one part of the span. The script is atomic, so that two processes cannot both
# acquire the rest, and uses the clock of Redis, because the clocks of processes may differ.
#
# Returns the microseconds until the use is allowed. If it is allowed now, the script may lease further uses in the
# current part, and then also returns their number, the part's number and the microseconds until its end.
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
local lease, returned, returned_part = tonumber(ARGV[9]), tonumber(ARGV[10]), ARGV[11]
local uses = redis.call('zrange', KEYS[1], 0, -1, 'withscores')
local numbers, sizes, own = {}, {}, nil
local left, left_bytes = times - amount, max_bytes - bytes
for i = 1, #uses, 2 do
    local number, size, name = uses[i]:match('^(%d+):(%d+):(.*)$')
    numbers[i], sizes[i] = tonumber(number), tonumber(size)
    if returned > 0 and name == returned_part then
        numbers[i] = math.max(numbers[i] - returned, 0)
        redis.call('zrem', KEYS[1], uses[i])
        uses[i] = string.format('%d:%d:%s', numbers[i], sizes[i], name)
        redis.call('zadd', KEYS[1], uses[i + 1], uses[i])
    end
    left, left_bytes = left - numbers[i], left_bytes - sizes[i]
    if name == token then
        own = i
    end
end
if own and part == 0 then
    return '0'
end
if left >= 0 and (max_bytes < 0 or left_bytes >= 0) then
    if left < times / 10 then
        -- A lease must not be what another process lacks.
        lease = 0
    end
    if own then
        redis.call('zrem', KEYS[1], uses[own])
        amount, bytes = amount + numbers[own], bytes + sizes[own]
    end
    redis.call('zadd', KEYS[1], at, string.format('%d:%d:%s', amount + lease, bytes, token))
    redis.call('expire', KEYS[1], math.ceil(span + part))
    if lease > 0 then
        return string.format('0 %d %s %d', lease, token, math.floor((at - now) * 1000000))
    end
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

    A process that counts several uses of a client leases further ones with one command (`RateLimit.block`), and counts
    the next ones itself. Leased uses count in Redis; the rest is returned with the next command. All processes together
    never exceed a limit, and a client may lack a block for each of its other processes.

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

        An amount above the limit counts as the whole limit. At most one round trip. Raises RateLimited.
        """
        limit = self.configured(limit)
        if token is None:
            # Uses in a part of the span have the part's number instead.
            token = "" if limit.part else new_id().hex
        use = Use(min(amount, limit.times), min(bytes, limit.max_bytes or 0), token)
        wait = await self._acquire(limit, client, use)
        if wait:
            self.refused[limit.name] += 1
            raise limit.exceeded(wait)

    async def release(self, limit: RateLimit, client: str, token: str) -> None:
        """Remove the use with this token."""
        use = Use(1, 0, token)
        self._local.release(limit, client, use)
        if self._redis is not None:
            with suppress(CacheUnavailable):
                await self._redis.eval(_RELEASE_SCRIPT, self._key(limit, client), use.member)

    async def _acquire(self, limit: RateLimit, client: str, use: Use) -> timedelta:
        local = self._local
        if limit.block > 1 and local.acquire_leased(limit, client, use):
            return timedelta()
        if self._redis is not None:
            with suppress(CacheUnavailable):
                return await self._acquire_in_redis(self._redis, limit, client, use)
        return local.acquire(limit, client, use)

    async def _acquire_in_redis(self, redis: RedisClient, limit: RateLimit, client: str, use: Use) -> timedelta:
        local = self._local
        max_bytes = -1 if limit.max_bytes is None else limit.max_bytes
        span, part = limit.span.total_seconds(), limit.part.total_seconds()
        is_simple = int(limit.has_tokens and limit.max_bytes is None)
        # Returned before the use is counted, so that it is not missing.
        returned = local.end_lease(limit, client)
        lease = local.lease_size(limit, client, use.amount), returned.amount, returned.part
        requested_at = local.now()
        reply = await redis.eval(
            _ACQUIRE_SCRIPT, self._key(limit, client), limit.times, span, max_bytes, *use, part, is_simple, *lease
        )
        wait, *leased = reply.split()
        if wait != b"0":
            return timedelta(microseconds=int(wait))
        # Counted locally as well, so that a slow Redis does not reset the limit.
        local.acquire(limit, client, use, force=True)
        if leased:
            amount, number, microseconds = leased
            seconds = int(microseconds) / 1_000_000
            local.add_lease(limit, client, Lease(int(amount), number.decode(), seconds), requested_at)
        return timedelta()

    def _key(self, limit: RateLimit, client: str) -> str:
        return keys.rate_limit(limit.name, self._namespace, client)
