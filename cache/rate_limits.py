"""How often somebody did something in a while, counted in Redis for all processes together."""

import time
from datetime import timedelta

from cache.client import RedisClient
from domain.lru_cache import LRUCache
from domain.rate_limits import RateLimit

# What a client and each token of it take in memory.
_CLIENT_BYTES, _TAKEN_BYTES = 500, 350

# The moments of what was done stand in a sorted set, and those that are long past are taken out: a sliding window.
# Where there is a limit of bytes, a member begins with its own.
_TAKE = """
local time = redis.call('time')
local now = time[1] + time[2] / 1000000
redis.call('zremrangebyscore', KEYS[1], '-inf', now - ARGV[2])
if redis.call('zscore', KEYS[1], ARGV[3]) then
    return '0'
end
local count = redis.call('zcard', KEYS[1])
local members, bytes = {}, 0
if tonumber(ARGV[4]) >= 0 then
    members = redis.call('zrange', KEYS[1], 0, -1, 'withscores')
    bytes = tonumber(ARGV[3]:match('^%d+'))
    for i = 1, #members, 2 do
        bytes = bytes + tonumber(members[i]:match('^%d+'))
    end
elseif count >= tonumber(ARGV[1]) then
    members = redis.call('zrange', KEYS[1], 0, 0, 'withscores')
end
-- How many of the oldest have to be past until there is room.
local past, i = now - ARGV[2], 1
while i < #members and (count >= tonumber(ARGV[1]) or (tonumber(ARGV[4]) >= 0 and bytes > tonumber(ARGV[4]))) do
    past = members[i + 1]
    count = count - 1
    if tonumber(ARGV[4]) >= 0 then
        bytes = bytes - tonumber(members[i]:match('^%d+'))
    end
    i = i + 2
end
if i == 1 then
    redis.call('zadd', KEYS[1], now, ARGV[3])
    redis.call('expire', KEYS[1], ARGV[2])
    return '0'
end
return tostring(past + ARGV[2] - now)
"""
_GIVE_BACK = "return redis.call('zrem', KEYS[1], ARGV[1])"


async def take(redis: RedisClient, limit: RateLimit, client: object, token: str, bytes: int = 0) -> timedelta:
    """Nothing, and it counts, once for a token; or how long until it may be done again. Raises CacheUnavailable.

    `client`: whose limit it is, by an id. `bytes`: no more than the limit has.
    """
    span, max_bytes = int(limit.span.total_seconds()), -1 if limit.max_bytes is None else limit.max_bytes
    member = _member(limit, token, bytes)
    wait = await redis.run(_TAKE, _key(limit, client), limit.times, span, member, max_bytes)
    return timedelta(seconds=float(wait))


async def give_back(redis: RedisClient, limit: RateLimit, client: object, token: str, bytes: int = 0) -> None:
    """What was taken by this token was not used. Raises CacheUnavailable."""
    await redis.run(_GIVE_BACK, _key(limit, client), _member(limit, token, bytes))


class LocalRateLimits:
    """The same, of one process: where there is no Redis, or it is away. Clients are bounded in bytes of memory."""

    def __init__(self, max_bytes: int) -> None:
        self._taken: LRUCache[tuple[str, object], dict[str, tuple[float, int]]] = LRUCache(
            max_bytes, lambda key, taken: _CLIENT_BYTES + len(str(key[1])) + _TAKEN_BYTES * len(taken)
        )

    def take(self, limit: RateLimit, client: object, token: str, bytes: int = 0) -> timedelta:
        key, now, span = (limit.name, client), time.monotonic(), limit.span.total_seconds()
        taken = {one: when for one, when in (self._taken.get(key) or {}).items() if when[0] > now - span}
        if token in taken:
            return timedelta()
        count, total = len(taken), bytes + sum(size for _, size in taken.values())
        wait = 0.0
        for taken_at, size in taken.values():
            if count < limit.times and (limit.max_bytes is None or total <= limit.max_bytes):
                break
            wait, count, total = taken_at + span - now, count - 1, total - size
        if not wait:
            taken[token] = now, bytes
        self._taken.put(key, taken)
        return timedelta(seconds=wait)


def _member(limit: RateLimit, token: str, bytes: int) -> str:
    return token if limit.max_bytes is None else f"{bytes}:{token}"


def _key(limit: RateLimit, client: object) -> str:
    return f"shinjp:rate:{limit.name}:{client}"
