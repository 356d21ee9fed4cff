"""Rate limits are exact across processes, use a sliding window, and return the right Retry-After."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from cache.redis.client import CacheUnavailable, RedisClient, open_redis
from cache.redis.local_rate_limits import NO_LEASE, Lease, LocalRateLimits, Use
from cache.redis.rate_limiter import RateLimits
from domain.errors import RateLimited
from domain.rate_limits import MAX_BLOCK, MAX_EXACT_TIMES, PARTS, RATE_LIMITS, RateLimit

# One limit that records the time of each use, and one that counts uses in parts of the hour.
EXACT = RateLimit("exact", "things", 5, "none")
BY_PARTS = RateLimit("by-parts", "things", MAX_EXACT_TIMES + 100, "none")
SIZED = RateLimit("sized", "things", 100, "none", max_bytes=1_000, has_tokens=True)
MOMENT = timedelta(microseconds=1)


def test_limit_names_are_unique() -> None:
    assert (
        len({limit.name for limit in RATE_LIMITS}) == len({limit.setting for limit in RATE_LIMITS}) == len(RATE_LIMITS)
    )


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_redis(redis_url) as client:
        yield client


async def take(limits: RateLimits, limit: RateLimit, client: str = "viewer:1", amount: int = 1, **more: Any) -> int:
    """0, or the seconds after which to retry."""
    try:
        await limits.acquire(limit, client, amount, **more)
    except RateLimited as refused:
        return int(str(refused.extensions["retryAfter"]))
    return 0


async def processes_share_limits(redis_url: str) -> None:
    namespace = uuid4().hex
    async with open_redis(redis_url) as one, open_redis(redis_url) as other:
        processes = [RateLimits(client, namespace, [EXACT, BY_PARTS]) for client in (one, other)]
        for limit in (EXACT, BY_PARTS):
            waits = await asyncio.gather(*(take(process, limit) for process in processes for _ in range(limit.times)))
            assert waits.count(0) == limit.times
            assert [process.refused[limit.name] for process in processes] != [0, 0]
            assert sum(process.refused[limit.name] for process in processes) == limit.times
            assert await take(processes[0], limit, "viewer:2") == 0


class TestRedis:
    """Limits shared by all processes."""

    async def test_limits_are_exact_over_processes(self, redis_url: str) -> None:
        await processes_share_limits(redis_url)

    async def test_namespaces_are_counted_separately(self, redis: RedisClient) -> None:
        limit = replace(EXACT, times=1)
        for namespace in (uuid4().hex, uuid4().hex):
            limits = RateLimits(redis, namespace, [limit])
            assert [await take(limits, limit) == 0 for _ in range(2)] == [True, False]

    @pytest.mark.parametrize("limit", [EXACT, BY_PARTS])
    async def test_window_slides(self, redis: RedisClient, redis_url: str, limit: RateLimit) -> None:
        """The recorded times are moved back in Redis, as if time had passed."""
        limits = RateLimits(redis, uuid4().hex, [limit])
        key = limits._key(limit, "viewer:1")
        assert await take(limits, limit, amount=2) == 0
        await age(redis_url, key, 1_800)
        assert await take(limits, limit, amount=limit.times - 2) == 0
        first, second = await take(limits, limit, amount=2), await take(limits, limit, amount=3)
        part = limit.part.total_seconds()
        assert 1_790 <= first <= 1_801 + part
        assert 3_590 <= second <= 3_601 + part
        await age(redis_url, key, first)
        assert await take(limits, limit, amount=3) > 0
        assert await take(limits, limit, amount=2) == 0
        assert await take(limits, limit) > 0

    async def test_retry_after_is_not_too_long(self, redis: RedisClient, redis_url: str) -> None:
        limits = RateLimits(redis, uuid4().hex, [EXACT])
        for _ in range(EXACT.times):
            assert await take(limits, EXACT) == 0
        wait = await take(limits, EXACT)
        # Ten seconds of tolerance for a busy machine.
        await age(redis_url, limits._key(EXACT, "viewer:1"), wait - 10)
        assert 0 < await take(limits, EXACT) <= 10

    async def test_memory_of_a_client_is_bounded(self, redis: RedisClient, redis_url: str) -> None:
        limit = replace(BY_PARTS, times=10**9)
        namespace = uuid4().hex
        key = RateLimits(redis, namespace, [limit])._key(limit, "viewer:1")
        async with Redis.from_url(redis_url) as server:
            for _ in range(PARTS + 10):
                # A new process each time, without a lease of an earlier part.
                limits = RateLimits(redis, namespace, [limit])
                for _ in range(3):
                    assert await take(limits, limit) == 0
                await age(redis_url, key, limit.part.total_seconds())
            assert await server.zcard(key) <= PARTS + 2
            assert 0 < await server.ttl(key) <= 3_600 + 30

    async def test_number_and_bytes_are_both_limited(self, redis: RedisClient) -> None:
        for limits in (RateLimits(redis, uuid4().hex, [SIZED]), RateLimits(None, "", [SIZED])):
            assert await take(limits, SIZED, token="a", bytes=600) == 0
            assert await take(limits, SIZED, token="b", bytes=401) > 0
            assert await take(limits, SIZED, token="b", bytes=400) == 0
            # A counted token is not counted again.
            assert await take(limits, SIZED, token="a", bytes=600) == 0
            assert await take(limits, SIZED, token="c", bytes=1) > 0

    async def test_tokens_are_counted_once(self, redis: RedisClient, redis_url: str) -> None:
        limit = replace(EXACT, has_tokens=True)
        limits = RateLimits(redis, uuid4().hex, [limit])
        for number in (*range(limit.times), *range(limit.times)):
            assert await take(limits, limit, token=str(number)) == 0
        wait = await take(limits, limit, token="another")
        assert 3_590 <= wait <= 3_600
        assert await take(limits, limit, token="0") == 0
        await age(redis_url, limits._key(limit, "viewer:1"), wait)
        assert await take(limits, limit, token="another") == 0

    async def test_use_is_refunded(self, redis: RedisClient) -> None:
        limit = replace(EXACT, times=1, has_tokens=True)
        for limits in (RateLimits(redis, uuid4().hex, [limit]), RateLimits(None, "", [limit])):
            assert await take(limits, limit, token="a") == 0
            assert await take(limits, limit, token="b") > 0
            await limits.release(limit, "viewer:1", "a")
            assert await take(limits, limit, token="b") == 0

    async def test_refund_beyond_the_usage_is_capped(self, redis: RedisClient) -> None:
        for limits in (RateLimits(redis, uuid4().hex, [EXACT]), RateLimits(None, "", [EXACT])):
            assert await take(limits, EXACT, amount=1_000) == 0
            assert await take(limits, EXACT) > 0


class CountingRedis:
    """A client that counts the scripts it executes."""

    def __init__(self, redis: RedisClient) -> None:
        self._redis = redis
        self.scripts = 0

    async def eval(self, script: str, key: str, *arguments: str | int | float) -> Any:
        self.scripts += 1
        return await self._redis.eval(script, key, *arguments)


class TestLeases:
    """Uses that a process counts in Redis before they are made."""

    def test_block_is_a_hundredth_of_the_limit(self) -> None:
        for times, block in ((1, 1), (MAX_EXACT_TIMES, 1), (300, 3), (10_000, 100), (10**9, MAX_BLOCK)):
            assert replace(EXACT, times=times).block == block
        for limit in RATE_LIMITS:
            assert 1 <= limit.block <= max(1, limit.times / 100)
            assert limit.block == 1 or not limit.has_tokens

    @pytest.mark.parametrize("amount", [1, 50])
    async def test_active_client_takes_few_round_trips(self, redis: RedisClient, amount: int) -> None:
        limit, counting = replace(BY_PARTS, times=20_000), CountingRedis(redis)
        limits = RateLimits(cast(RedisClient, counting), uuid4().hex, [limit])
        uses = 10_000 // amount
        for _ in range(uses):
            assert await take(limits, limit, amount=amount) == 0
        # Two more for each part of the hour that ends during the test.
        assert uses * amount / limit.block <= counting.scripts <= uses * amount / limit.block + 10
        assert sum(window.amount for _, window in limits._local._used.items()) == uses * amount

    async def test_exact_limits_count_each_use_in_redis(self, redis: RedisClient) -> None:
        limit, counting = replace(EXACT, times=MAX_EXACT_TIMES), CountingRedis(redis)
        limits = RateLimits(cast(RedisClient, counting), uuid4().hex, [limit])
        assert [await take(limits, limit) == 0 for _ in range(limit.times + 5)] == [True] * limit.times + [False] * 5
        assert counting.scripts == limit.times + 5

    async def test_first_use_leases_nothing(self, redis: RedisClient, redis_url: str) -> None:
        """A client that uses many processes once each is counted exactly."""
        limit, namespace = replace(BY_PARTS, times=20_000), uuid4().hex
        processes = [RateLimits(redis, namespace, [limit]) for _ in range(20)]
        for process in processes:
            assert await take(process, limit) == 0
        assert await counted(redis_url, processes[0]._key(limit, "viewer:1")) == len(processes)

    @pytest.mark.parametrize("seed", range(4))
    async def test_processes_together_admit_the_limit_and_no_more(self, redis: RedisClient, seed: int) -> None:
        limit, namespace, chance = replace(BY_PARTS, times=2_000), uuid4().hex, random.Random(seed)
        counting = CountingRedis(redis)
        processes = [RateLimits(cast(RedisClient, counting), namespace, [limit]) for _ in range(3)]
        admitted = uses = 0
        refused = False
        while not refused:
            amount = chance.choice((1, 1, 2, 5, 15))
            refused = await take(chance.choice(processes), limit, amount=amount) > 0
            admitted, uses = admitted + amount * (not refused), uses + 1
        assert counting.scripts < uses
        # Each process admits its lease, or returns it before it acquires more.
        assert limit.times - 15 - len(processes) * limit.block <= admitted <= limit.times
        for process in processes:
            while await take(process, limit) == 0:
                admitted += 1
        assert admitted == limit.times

    async def test_rest_of_a_lease_is_returned(self, redis: RedisClient, redis_url: str) -> None:
        limit = replace(BY_PARTS, times=1_000)
        limits = RateLimits(redis, uuid4().hex, [limit])
        key = limits._key(limit, "viewer:1")
        for _ in range(2):
            assert await take(limits, limit) == 0
        assert await counted(redis_url, key) == 1 + limit.block
        # More than the lease: all of it is returned.
        assert await take(limits, limit, amount=limit.times - 2) == 0
        assert await counted(redis_url, key) == limit.times
        assert await take(limits, limit) >= 3_590

    async def test_lease_of_another_process_is_not_admitted(self, redis: RedisClient) -> None:
        limit, namespace = replace(BY_PARTS, times=1_000), uuid4().hex
        one, other = (RateLimits(redis, namespace, [limit]) for _ in range(2))
        for _ in range(2):
            assert await take(one, limit) == 0
        held = limit.block - 1
        assert await take(other, limit, amount=limit.times - 2 - held) == 0
        wait = await take(other, limit)
        assert 3_590 <= wait <= 3_601 + limit.part.total_seconds()
        assert [await take(one, limit) == 0 for _ in range(held + 1)] == [True] * held + [False]

    def test_lease_ends_with_its_part(self) -> None:
        limit, now = replace(BY_PARTS, times=20_000), 1_000_000.0
        limits = LocalRateLimits(1_000_000, lambda: now)
        assert limits.lease_size(limit, "viewer:1", 1) == 0
        limits.acquire(limit, "viewer:1", Use(1, 0, "a"), force=True)
        assert limits.lease_size(limit, "viewer:1", 1) == limit.block - 1
        # The rest would be less than such a use.
        assert limits.lease_size(limit, "viewer:1", limit.block // 2 + 1) == 0
        limits.add_lease(limit, "viewer:1", Lease(10, "7", 5.0), requested_at=now - 1)
        assert limits.acquire_leased(limit, "viewer:1", Use(4, 0, "b"))
        assert not limits.acquire_leased(limit, "viewer:1", Use(7, 0, "c"))
        assert not limits.acquire_leased(limit, "viewer:2", Use(1, 0, "d"))
        now += 3.9
        assert limits.acquire_leased(limit, "viewer:1", Use(1, 0, "e"))
        now += 0.1
        assert not limits.acquire_leased(limit, "viewer:1", Use(1, 0, "f"))
        assert limits.end_lease(limit, "viewer:1")[:2] == (5, "7")
        assert limits.end_lease(limit, "viewer:1") == NO_LEASE
        now += limit.part.total_seconds()
        assert limits.lease_size(limit, "viewer:1", 1) == 0


async def counted(redis_url: str, key: str) -> int:
    """The uses of a client in Redis."""
    async with Redis.from_url(redis_url) as server:
        uses: Any = await server.zrange(key, 0, -1)
    return sum(int(member.split(b":")[0]) for member in uses)


async def age(redis_url: str, key: str, seconds: float) -> None:
    """Moves the recorded times of a client back by this duration."""
    async with Redis.from_url(redis_url) as server:
        uses: Any = await server.zrange(key, 0, -1, withscores=True)
        for member, score in uses:
            # A part keeps its number: a later use in the same part of the hour is added to it.
            amount, size, token = member.decode().split(":", 2)
            older = f"{amount}:{size}:{token}-{seconds}".encode() if token.isdigit() else member
            await server.zrem(key, member)
            await server.zadd(key, {older: score - seconds})


async def test_process_limits_locally_while_redis_is_unavailable(tmp_path: Any) -> None:
    async with open_redis(f"unix://{tmp_path}/none.sock") as redis:
        with pytest.raises(CacheUnavailable):
            await redis.ping()
        limits = RateLimits(redis, "", [EXACT])
        assert [await take(limits, EXACT) == 0 for _ in range(EXACT.times + 1)] == [True] * EXACT.times + [False]
        assert limits.refused == {"exact": 1}


async def test_local_limit_continues_from_the_process_own_usage(redis: RedisClient) -> None:
    for limit in (EXACT, BY_PARTS, SIZED):
        limits = RateLimits(redis, uuid4().hex, [limit])
        for _ in range(limit.times - 1):
            assert await take(limits, limit) == 0
        # As for one call whose connection is lost.
        limits._redis = None
        assert [await take(limits, limit) == 0 for _ in range(3)] == [True, False, False]


class TestLocal:
    """Limits of one process, with a fake clock."""

    now = 1_000_000.0

    @pytest.fixture
    def limits(self) -> LocalRateLimits:
        return LocalRateLimits(1_000_000, lambda: self.now)

    @pytest.mark.parametrize("limit", [EXACT, BY_PARTS, SIZED])
    def test_retry_after_is_exact(self, limits: LocalRateLimits, limit: RateLimit) -> None:
        """A rejected use is rejected until Retry-After, and admitted from then on."""
        chance = random.Random(limit.name)
        start, refused = self.now, 0
        for number in range(400):
            self.now += chance.expovariate(limit.times / 1_800)
            use = Use(chance.randint(1, 3), chance.choice((0, 10, 50)) if limit.max_bytes else 0, str(-number))
            wait = limits.acquire(limit, "viewer:1", use)
            if wait:
                refused += 1
                now, self.now = self.now, self.now + (wait - 10 * MOMENT).total_seconds()
                assert limits.acquire(limit, "viewer:1", use)
                self.now = now + wait.total_seconds() + 1e-6
                assert not limits.acquire(limit, "viewer:1", use)
        assert refused > 10, self.now - start

    @pytest.mark.parametrize("limit", [EXACT, BY_PARTS])
    def test_never_more_than_the_limit_in_any_window(self, limits: LocalRateLimits, limit: RateLimit) -> None:
        chance = random.Random(0)
        taken: list[float] = []
        for number in range(4_000):
            self.now += chance.expovariate(limit.times / 1_800)
            if not limits.acquire(limit, "viewer:1", Use(1, 0, str(-number))):
                taken.append(self.now)
        for index, at in enumerate(taken):
            assert sum(at <= other < at + 3_600 for other in taken[index : index + limit.times + 1]) <= limit.times
        assert len(taken) > limit.times

    def test_clients_are_bounded_in_bytes(self) -> None:
        limits = LocalRateLimits(50_000, lambda: self.now)
        for number in range(1_000):
            limits.acquire(EXACT, f"viewer:{number}", Use(1, 0, "a"))
        assert len(limits._used) < 100
        assert limits._used.bytes <= 50_000
