"""How often somebody did something in a while, counted in Redis for all processes together."""

from datetime import timedelta
from uuid import UUID

from cache.client import RedisClient
from domain.rate_limits import RateLimit

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


async def take(redis: RedisClient, limit: RateLimit, user_id: UUID, token: UUID) -> timedelta:
    """Nothing, and it counts, once for a token; or how long until it may be done again. Raises CacheUnavailable."""
    span = int(limit.span.total_seconds())
    return timedelta(seconds=float(await redis.run(_TAKE, _key(limit, user_id), limit.times, span, token.hex)))


async def give_back(redis: RedisClient, limit: RateLimit, user_id: UUID, token: UUID) -> None:
    """What was taken by this token was not used. Raises CacheUnavailable."""
    await redis.run(_GIVE_BACK, _key(limit, user_id), token.hex)


def _key(limit: RateLimit, user_id: UUID) -> str:
    return f"shinjp:rate:{limit.name}:{user_id}"
