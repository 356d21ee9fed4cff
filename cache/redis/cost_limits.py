"""Rate limits by cost: a token bucket of each client, shared by all processes in Redis."""

import time
from collections.abc import Callable
from contextlib import suppress
from math import ceil
from typing import NamedTuple

from cache import keys
from cache.redis.client import CacheUnavailable, RedisClient
from common.lru_cache import LRUCache
from common.task_set import TaskSet
from domain.cost_plans import CostPlan
from domain.errors import CostLimited

# A bucket is the time at which it will be full, in microseconds; a missing key is a full bucket. The script is atomic
# and uses the clock of Redis. Its arguments are microseconds, too: the capacity, the cost, a lease, and what is
# returned from an earlier lease; negative if more is owed. It returns the time until the cost is available, the time
# until the bucket is full, and the granted lease.
_RESERVE_SCRIPT = """
local time = redis.call('time')
local now = time[1] * 1000000 + time[2]
local capacity, cost, lease, returned = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local full_at = math.max(tonumber(redis.call('get', KEYS[1]) or now) - returned, now)
local wait = full_at + cost - now - capacity
if wait <= 0 then
    wait, full_at = 0, full_at + cost
    -- A lease must not be what another process lacks.
    if full_at + lease - now > capacity * 0.9 then
        lease = 0
    end
    full_at = full_at + lease
else
    lease = 0
end
if full_at > now then
    redis.call('set', KEYS[1], string.format('%.0f', full_at), 'px', math.ceil((full_at - now) / 1000))
else
    redis.call('del', KEYS[1])
end
return string.format('%.0f %.0f %.0f', wait, full_at - now, lease)
"""

# Leased units are used up to this long after they were counted.
LEASE_SECONDS = 10.0
_MICROSECONDS = 1_000_000
# Memory of a client in this process.
_BUCKET_BYTES = 400


class _Bucket:
    """What this process knows of a client's bucket.

    `leased`: units that are counted in Redis and not used yet, until `lease_end`. `returning`: those of commands in
    flight. `owed`: units that were used during an outage, and that Redis has not counted. `full_at`: when the bucket
    will be full, as Redis stated last. `own_full_at`: the same for the process's own bucket, for outages. In seconds of
    the process's clock.
    """

    __slots__ = ("full_at", "lease_end", "leased", "owed", "own_full_at", "returning")

    def __init__(self) -> None:
        self.leased = self.returning = self.owed = 0
        self.lease_end = self.full_at = self.own_full_at = 0.0


class CostLimits:
    """The token buckets of all clients, as one process sees them.

    To save round trips, a process leases a hundredth of a bucket with each command, uses it for the client's next
    requests, and returns the rest with the next command. What is reserved and not used is refunded to the lease;
    beyond two leases it is returned immediately. Leased units are counted, so all processes together never admit more
    than the bucket has; a client may lack two leases for each of its other processes.

    While Redis is unavailable, each process has a bucket of its own, with its share of the plan. Redis counts what was
    used of it afterwards, as far as it is not restored. `processes`: the number of shares.
    """

    def __init__(
        self,
        redis: RedisClient | None,
        namespace: str,
        *,
        processes: int = 1,
        max_local_bytes: int = 4 * 1024 * 1024,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = redis
        self._namespace = namespace
        self._processes = processes
        self._clock = clock
        self._buckets: LRUCache[str, _Bucket] = LRUCache(max_local_bytes, lambda key, _: _BUCKET_BYTES + len(key))
        self._returning = TaskSet()

    async def close(self) -> None:
        """Wait until refunds in flight are in Redis."""
        await self._returning.join()

    def reserve_leased(self, client: str, amount: int) -> bool:
        """Reserve units of the lease, without a round trip. Returns False if the lease has too few."""
        bucket = self._buckets.get(client)
        if bucket is None or bucket.leased < amount or self._clock() >= bucket.lease_end:
            return False
        bucket.leased -= amount
        return True

    async def reserve(self, client: str, plan: CostPlan, amount: int) -> None:
        """Reserve units of a client, all or none, with at most one round trip. Raises CostLimited."""
        if self.reserve_leased(client, amount):
            return
        wait = await self._reserve(client, plan, amount)
        if wait:
            raise CostLimited(
                amount,
                available=self.available(client, plan),
                maximum=plan.maximum,
                restore_rate=plan.restore_rate,
                retry_after=ceil(wait / _MICROSECONDS),
            )

    def refund(self, client: str, plan: CostPlan, amount: int) -> None:
        """Return units that were reserved and not used."""
        if amount <= 0:
            return
        bucket = self._bucket(client)
        now = self._clock()
        bucket.own_full_at -= amount * self._processes / plan.restore_rate
        if self._redis is None:
            return
        paid = min(bucket.owed, amount)
        bucket.owed -= paid
        amount -= paid
        if not bucket.leased:
            bucket.lease_end = now + LEASE_SECONDS
        bucket.leased += amount
        if bucket.leased > 2 * plan.block:
            self._returning.spawn(self._return(client, plan, bucket))

    def available(self, client: str, plan: CostPlan) -> int:
        """The units that the client may use now, as far as this process knows. Without Redis: of all processes."""
        bucket = self._buckets.get(client)
        if bucket is None:
            return plan.maximum
        now, maximum = self._clock(), plan.maximum
        if self._redis is None:
            used = (bucket.own_full_at - now) * plan.restore_rate
        else:
            used = (bucket.full_at - now) * plan.restore_rate
        # Conditions, because every response has the result, and `min` and `max` take three times as long.
        left = maximum - bucket.owed + bucket.leased + bucket.returning
        if used > 0:
            left -= ceil(used)
        return 0 if left < 0 else maximum if left > maximum else left

    async def _reserve(self, client: str, plan: CostPlan, amount: int) -> int:
        """Return the microseconds until the amount is available."""
        bucket = self._bucket(client)
        if self._redis is not None:
            with suppress(CacheUnavailable):
                return await self._command(self._redis, client, plan, bucket, amount)
        wait = self._reserve_own(plan, bucket, amount, is_limited=True)
        if not wait and self._redis is not None:
            bucket.owed += amount
        return wait

    def _bucket(self, client: str) -> _Bucket:
        bucket = self._buckets.get(client)
        if bucket is None:
            bucket = self._buckets[client] = _Bucket()
        return bucket

    async def _return(self, client: str, plan: CostPlan, bucket: _Bucket) -> None:
        if self._redis is not None and bucket.leased > 2 * plan.block:
            with suppress(CacheUnavailable):
                await self._command(self._redis, client, plan, bucket, 0)

    async def _command(self, redis: RedisClient, client: str, plan: CostPlan, bucket: _Bucket, amount: int) -> int:
        # Another request must not use what is being returned.
        returned, bucket.leased = bucket.leased, 0
        bucket.returning += returned
        rate = plan.restore_rate
        # The rest is restored already.
        owed = min(bucket.owed, max(0, ceil((bucket.own_full_at - self._clock()) * rate / self._processes)))
        bucket.owed = 0
        # What is returned is lost if the command fails: then it is restored in time.
        try:
            reply = await redis.eval(
                _RESERVE_SCRIPT,
                keys.cost_limit(self._namespace, client),
                plan.maximum * _MICROSECONDS // rate,
                # Rounded against the client, so that rounding never adds units.
                -(-amount * _MICROSECONDS // rate),
                plan.block * _MICROSECONDS // rate,
                (returned - owed) * _MICROSECONDS // rate,
            )
        except CacheUnavailable:
            bucket.owed += owed
            raise
        finally:
            bucket.returning -= returned
        wait, until_full, lease = map(int, reply.split())
        now = self._clock()
        bucket.full_at = now + until_full / _MICROSECONDS
        if not wait:
            self._reserve_own(plan, bucket, amount, is_limited=False)
        if lease:
            bucket.leased += plan.block
            bucket.lease_end = now + LEASE_SECONDS
        return wait

    def _reserve_own(self, plan: CostPlan, bucket: _Bucket, amount: int, *, is_limited: bool) -> int:
        """Reserve units of the process's own bucket. Without `is_limited` they are only counted, for a later outage."""
        now = self._clock()
        capacity = plan.maximum / plan.restore_rate
        # A full bucket admits every operation.
        cost = min(amount * self._processes / plan.restore_rate, capacity)
        full_at = max(bucket.own_full_at, now) + cost
        # Rounded, because the difference of two times is not exact.
        wait = round((full_at - now - capacity) * _MICROSECONDS)
        if wait > 0 and is_limited:
            return wait
        bucket.own_full_at = min(full_at, now + capacity)
        return 0


class ClientBudget(NamedTuple):
    """The bucket of one client."""

    limits: CostLimits
    client: str
    plan: CostPlan

    @property
    def available(self) -> int:
        """See `CostLimits.available`."""
        return self.limits.available(self.client, self.plan)

    def reserve_leased(self, amount: int) -> bool:
        """See `CostLimits.reserve_leased`."""
        return self.limits.reserve_leased(self.client, amount)

    async def reserve(self, amount: int) -> None:
        """Reserve units. Raises CostLimited."""
        await self.limits.reserve(self.client, self.plan, amount)

    def refund(self, amount: int) -> None:
        """Return units that were not used."""
        self.limits.refund(self.client, self.plan, amount)
