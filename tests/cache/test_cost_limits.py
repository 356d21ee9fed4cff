"""Cost limits are exact across processes, refund what was not used, and return the right Retry-After."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from bench.cost_limits import reserve_concurrently
from cache import keys
from cache.redis.circuit_breaker import FAILURE_THRESHOLD
from cache.redis.client import RedisClient, open_redis
from cache.redis.cost_limits import LEASE_SECONDS, CostLimits
from domain.cost_plans import CostPlan, CostPlans
from domain.enums import Role
from domain.errors import CostLimited
from domain.ids import UserId, new_id
from domain.viewer import Viewer

# Not restored during a test: a unit takes ten seconds.
SLOW = CostPlan(10_000, 1)
CLIENT = "viewer:1"


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_redis(redis_url) as client:
        yield client


async def reserve(limits: CostLimits, amount: int, plan: CostPlan = SLOW, client: str = CLIENT) -> int:
    """0, or the seconds after which to retry."""
    try:
        await limits.reserve(client, plan, amount)
    except CostLimited as refused:
        return int(str(refused.extensions["retryAfter"]))
    return 0


async def test_concurrent_reservations_never_exceed_the_bucket(redis_url: str) -> None:
    await processes_share_a_bucket(redis_url)


async def processes_share_a_bucket(redis_url: str) -> None:
    """4,000 reservations of four processes, half of which is refunded, for a bucket that has too few."""
    namespace, plan = uuid4().hex, CostPlan(12_000, 1)
    async with open_redis(redis_url) as one, open_redis(redis_url) as other:
        processes = [CostLimits(client, namespace) for client in (one, other, one, other)]
        used, loop = 0, asyncio.get_running_loop()
        started_at = loop.time()

        async def send(limits: CostLimits) -> None:
            nonlocal used
            if not await reserve(limits, 7, plan):
                await asyncio.sleep(0)
                limits.refund(CLIENT, plan, 3)
                used += 4

        for _ in range(10):
            await asyncio.gather(*(send(limits) for limits in processes for _ in range(100)))
        for limits in processes:
            await limits.close()
        # It restores a unit per second.
        assert plan.maximum * 0.9 < used <= plan.maximum + loop.time() - started_at + 1


def test_processes_share_the_bucket(redis_url: str) -> None:
    """`python -m bench.cost_limits` has more of them."""
    found = reserve_concurrently(redis_url, 4, 800)
    assert found.allowed * 0.8 < found.used <= found.allowed
    assert found.rejected > 0


async def test_usage_during_an_outage_is_counted_afterwards(redis: RedisClient) -> None:
    namespace = uuid4().hex
    one, other = CostLimits(redis, namespace, processes=2), CostLimits(redis, namespace, processes=2)
    for _ in range(FAILURE_THRESHOLD):
        redis.breaker.record_failure("stopped by the test")
    assert await reserve(one, 4_000) == 0
    assert one.available(CLIENT, SLOW) <= 6_000
    assert await reserve(other, 3_000) == 0
    # Half of the bucket.
    assert await reserve(one, 2_000) > 0
    one.refund(CLIENT, SLOW, 1_000)
    redis.breaker.record_success()
    # The other process does not know yet what this one has used.
    assert await reserve(one, 10) == 0
    assert await reserve(other, 10) == 0
    assert 3_900 - 2 * SLOW.block < one.available(CLIENT, SLOW) <= 7_000
    assert await reserve(other, 4_000) > 0
    assert await reserve(other, 3_500) == 0


async def test_large_refunds_are_available_to_other_processes(redis: RedisClient) -> None:
    namespace = uuid4().hex
    one, other = CostLimits(redis, namespace), CostLimits(redis, namespace)
    assert await reserve(one, 9_000) == 0
    assert await reserve(other, 9_000) > 0
    one.refund(CLIENT, SLOW, 8_900)
    await one.close()
    assert await reserve(other, 9_000) == 0


async def test_small_costs_take_one_command_per_block(redis: RedisClient, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = 0
    evaluate = redis.eval

    async def count(*arguments: Any) -> Any:
        nonlocal commands
        commands += 1
        return await evaluate(*arguments)

    monkeypatch.setattr(redis, "eval", count)
    limits = CostLimits(redis, uuid4().hex)
    for _ in range(SLOW.block * 5):
        assert await reserve(limits, 1) == 0
    assert commands == 5


async def test_expired_lease_is_returned(redis: RedisClient) -> None:
    time = [1_000.0]
    limits = CostLimits(redis, uuid4().hex, clock=lambda: time[0])
    assert await reserve(limits, 1) == 0
    assert limits.reserve_leased(CLIENT, SLOW.block)
    assert not limits.reserve_leased(CLIENT, 1)
    assert await reserve(limits, 1) == 0
    time[0] += LEASE_SECONDS
    assert not limits.reserve_leased(CLIENT, 1)
    # All but the 102 used units can still be reserved.
    assert await reserve(limits, SLOW.maximum - SLOW.block - 2) == 0


@pytest.mark.parametrize("is_shared", [True, False])
async def test_retry_after_is_true(redis: RedisClient, redis_url: str, *, is_shared: bool) -> None:
    """Time passes by moving the bucket's timestamp, or the process's clock."""
    time, namespace, plan = [1_000.0], uuid4().hex, CostPlan(10_000, 10)
    limits = CostLimits(redis if is_shared else None, namespace, clock=lambda: time[0])
    assert await reserve(limits, 10_000, plan) == 0
    wait = await reserve(limits, 5_000, plan)
    assert 490 <= wait <= 500

    async def advance(seconds: float) -> None:
        time[0] += seconds
        if is_shared:
            key = keys.cost_limit(namespace, CLIENT)
            async with Redis.from_url(redis_url) as server:
                await server.set(key, int(await server.get(key) or 0) - int(seconds * 1_000_000))

    # Ten seconds of tolerance for a busy machine.
    await advance(wait - 10)
    if not is_shared:
        assert await reserve(limits, 5_000, plan) > 0
    await advance(10)
    assert await reserve(limits, 5_000, plan) == 0
    assert await reserve(limits, 5_000, plan) > 0


async def test_bucket_expires_when_it_is_full(redis: RedisClient, redis_url: str) -> None:
    namespace = uuid4().hex
    limits = CostLimits(redis, namespace)
    assert await reserve(limits, 5_000) == 0
    async with Redis.from_url(redis_url) as server:
        assert 4_900 <= await server.ttl(keys.cost_limit(namespace, CLIENT)) <= 5_100
    limits.refund(CLIENT, SLOW, 5_000)
    await limits.close()
    assert limits.available(CLIENT, SLOW) >= SLOW.maximum - 2


@pytest.mark.parametrize("is_down", [True, False])
async def test_process_without_redis_limits_its_share(*, is_down: bool) -> None:
    async def check(redis: RedisClient | None) -> None:
        limits = CostLimits(redis, uuid4().hex, processes=4)
        admitted = [await reserve(limits, 100) for _ in range(50)].count(0)
        assert admitted == SLOW.maximum // 4 // 100
        if redis is None:
            assert limits.available(CLIENT, SLOW) < 4 * 100
        limits.refund(CLIENT, SLOW, 50)
        assert await reserve(limits, 50) == 0
        # A full bucket admits an operation that exceeds the share.
        assert await reserve(limits, SLOW.maximum, client="viewer:2") == 0

    if not is_down:
        await check(None)
    else:
        async with open_redis("unix:///nowhere/redis.sock") as redis:
            await check(redis)


def test_plans_are_inherited_and_checked() -> None:
    plans = CostPlans.parse("anonymous=1000/10 editor=5000/50")

    def of(role: Role) -> int:
        return plans.of(Viewer(UserId(new_id()), role)).maximum

    assert plans.of(None).maximum == of(Role.LEARNER) == plans.least == 1_000
    assert of(Role.EDITOR) == of(Role.ADMIN) == 5_000
    unusable = ("", "learner=1/1", "anonymous=1/0", "anonymous=0/1", "anonymous=x", "a=1/1", "anonymous=999999999/1")
    for wrong in (*unusable, "anonymous=9/1 anonymous=8/1"):
        with pytest.raises(ValueError, match=r"plan|restored|role"):
            CostPlans.parse(wrong)
