"""How often somebody may do something in a while, counted in Redis for all processes together."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from uuid import UUID

from cache.client import Cache

# The moments of what was done stand in a sorted set, and those that are long past are taken out: a sliding window.
_TAKE = """
local time = redis.call('time')
local now = time[1] + time[2] / 1000000
redis.call('zremrangebyscore', KEYS[1], '-inf', now - ARGV[2])
if redis.call('zscore', KEYS[1], ARGV[3]) then
    return '0'
end
if redis.call('zcard', KEYS[1]) < tonumber(ARGV[1]) then
    redis.call('zadd', KEYS[1], now, ARGV[3])
    redis.call('expire', KEYS[1], ARGV[2])
    return '0'
end
local oldest = redis.call('zrange', KEYS[1], 0, 0, 'withscores')
return tostring(oldest[2] + ARGV[2] - now)
"""
_GIVE_BACK = "return redis.call('zrem', KEYS[1], ARGV[1])"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many times in any span of this length, for each learner. `name` is part of the key."""

    name: str
    times: int
    span: timedelta

    async def take(self, cache: Cache, user_id: UUID, token: UUID) -> int:
        """0, and it counts, once for a token; or the seconds until it may be done again. Raises CacheUnavailable."""
        seconds = int(self.span.total_seconds())
        return ceil(float(await cache.run(_TAKE, self._key(user_id), self.times, seconds, token.hex)))

    async def give_back(self, cache: Cache, user_id: UUID, token: UUID) -> None:
        """What was taken by this token was not used. Raises CacheUnavailable."""
        await cache.run(_GIVE_BACK, self._key(user_id), token.hex)

    def _key(self, user_id: UUID) -> str:
        return f"shinjp:rate:{self.name}:{user_id}"
