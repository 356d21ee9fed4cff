"""Over-admission of the cost limits in concurrent processes.

    python -m bench.cost_limits [--redis URL] [--processes N] [--reservations N]

Each process reserves units of one client with a bucket of a tenth of what all of them want, and refunds half of what it
got. Without `--redis` there is none, and each process limits its share. Prints JSON: `overAdmitted`, the used units
above those of the bucket and what was restored meanwhile; it must be 0. Redis and Valkey are measured alike.
"""

import argparse
import asyncio
import multiprocessing
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from math import ceil
from typing import Any, NamedTuple
from uuid import uuid4

from bench.harness import report
from cache.redis.client import CacheUnavailable, open_redis
from cache.redis.cost_limits import CostLimits
from domain.cost_plans import CostPlan
from domain.errors import CostLimited

CLIENT = "viewer:1"
CONCURRENT = 50
COST, REFUND = 20, 10
# Processes that start slowly are waited for.
START_SECONDS = 120
# Of a process of the pool.
_barrier: Any = None


class Reservations(NamedTuple):
    """What one process did. `started_at`, `ended_at`: by the clock of the machine."""

    admitted: int
    rejected: int
    started_at: float
    ended_at: float


class Admitted(NamedTuple):
    """`used`: units of all processes, without refunds. `allowed`: the bucket, and what was restored meanwhile."""

    used: int
    allowed: int
    rejected: int
    seconds: float


def reserve_concurrently(redis_url: str | None, processes: int, reservations: int) -> Admitted:
    """Run `reservations` in all, in processes that start at the same time."""
    each = reservations // processes
    plan = CostPlan(COST * reservations // 10, 10)
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes)
    namespace = uuid4().hex
    with ProcessPoolExecutor(processes, context, initializer=_set_barrier, initargs=(barrier,)) as pool:
        runs = [pool.submit(_run, redis_url, namespace, plan, each, processes) for _ in range(processes)]
        return _sum_up([run.result() for run in runs], plan)


def _sum_up(found: Sequence[Reservations], plan: CostPlan) -> Admitted:
    seconds = max(one.ended_at for one in found) - min(one.started_at for one in found)
    used = sum(one.admitted for one in found) * (COST - REFUND)
    return Admitted(used, plan.maximum + ceil(seconds * plan.restore_rate), sum(one.rejected for one in found), seconds)


def _set_barrier(barrier: Any) -> None:
    global _barrier
    _barrier = barrier


def _run(redis_url: str | None, namespace: str, plan: CostPlan, number: int, processes: int) -> Reservations:
    return asyncio.run(_reserve_all(redis_url, namespace, plan, number, processes))


async def _reserve_all(
    redis_url: str | None, namespace: str, plan: CostPlan, number: int, processes: int
) -> Reservations:
    if redis_url is None:
        return await _reserve(CostLimits(None, namespace, processes=processes), plan, number)
    async with open_redis(redis_url) as redis:
        # Connecting may take longer than the time-out of a command while processes start.
        with suppress(CacheUnavailable):
            await redis.ping()
        return await _reserve(CostLimits(redis, namespace, processes=processes), plan, number)


async def _reserve(limits: CostLimits, plan: CostPlan, number: int) -> Reservations:
    admitted = rejected = 0
    left = iter(range(number))

    async def work() -> None:
        nonlocal admitted, rejected
        for _ in left:
            try:
                await limits.reserve(CLIENT, plan, COST)
            except CostLimited:
                rejected += 1
            else:
                admitted += 1
                # Others run meanwhile.
                await asyncio.sleep(0)
                limits.refund(CLIENT, plan, REFUND)

    _barrier.wait(START_SECONDS)
    started_at = time.time()
    await asyncio.gather(*(work() for _ in range(CONCURRENT)))
    ended_at = time.time()
    await limits.close()
    return Reservations(admitted, rejected, started_at, ended_at)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.cost_limits")
    parser.add_argument("--redis")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--reservations", type=int, default=10_000)
    arguments = parser.parse_args()
    found = reserve_concurrently(arguments.redis, arguments.processes, arguments.reservations)
    over_admitted = max(0, found.used - found.allowed)
    report(
        processes=arguments.processes,
        reservations=arguments.reservations,
        rejected=found.rejected,
        usedUnits=found.used,
        allowedUnits=found.allowed,
        overAdmitted=over_admitted,
        seconds=round(found.seconds, 2),
    )
    sys.exit(over_admitted > 0)


if __name__ == "__main__":
    main()
