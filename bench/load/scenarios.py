"""The scenarios of a load test. Each returns JSON: what was measured, and `missed`, the targets that were not met."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bench.load.held import Held
from bench.load.k6 import K6, Phase, Sent
from bench.load.sampler import Sampler, Samples

P95_MS, P99_MS = 50.0, 100.0
BACKENDS = 20
CONNECTION_KIB, IDLE_SECONDS = 40.0, 15
CONNECTIONS = {"kept": 7_000, "sockets": 2_500, "events": 500}
RECONNECTING = {"kept": 2_000, "sockets": 2_500, "events": 500}
RECONNECT_SECONDS, READY_WITHIN_MS = 1.0, 5_000.0
SUBSCRIBERS, NOTIFIED_P99_MS = 2_500, 250.0
SLOW_READERS = 1_000
# `MAX_UNSENT_BYTES` of each process, and what is computed meanwhile.
SLOW_MIB = 320.0
OVERLOAD, OVERLOAD_SECONDS, RECOVERY_SECONDS = 3, 20, 5
# Memory of the last tenth of a run may exceed that of its second tenth by this part; latency may double.
GROWTH = 1.05
# The search starts here, and ends when the next rate differs by less than a part of it.
FIRST_RATE, LEAST_RATE, PRECISION = 100, 10, 0.08


@dataclass
class Run:
    """What scenarios work with. `rate`: the highest one that meets the latencies, once it is known."""

    k6: K6
    held: Held
    sampler: Sampler
    seconds: int
    step_seconds: int
    soak_seconds: int
    max_rate: int
    rate: int = 0

    async def send(self, *phases: Phase, bucket: int = 10) -> tuple[list[Sent], Samples]:
        async with self.sampler.watch() as samples:
            sent = await self.k6.run(*phases, bucket=bucket)
        return sent, samples


async def connections(run: Run) -> dict[str, Any]:
    """Opens all connections, and measures the memory of each kind, and what they cost while nothing happens."""
    found: dict[str, Any] = {}
    first = run.sampler.memory_mib()
    for kind, number in CONNECTIONS.items():
        before = run.sampler.memory_mib()
        opened = await run.held.command("open", kind=kind, number=number)
        await asyncio.sleep(2)
        kib = (run.sampler.memory_mib() - before) * 1024 / number
        found[kind] = opened | {"kibEach": round(kib, 1)}
    total = sum(CONNECTIONS.values())
    kib = round((run.sampler.memory_mib() - first) * 1024 / total, 1)
    async with run.sampler.watch() as idle:
        await asyncio.sleep(IDLE_SECONDS)
    failed = total - sum(kind["ready"] for kind in found.values())
    return {
        **found,
        "kibEach": kib,
        "idleCores": idle.cores,
        "missed": _missed(
            (kib <= CONNECTION_KIB, f"{kib} KiB a connection; {CONNECTION_KIB:g} are allowed"),
            (not failed, f"{failed} of {total} connections were not opened"),
        ),
    }


async def search(run: Run) -> dict[str, Any]:
    """The highest rate that meets the latencies, without an error: by doubling, then by bisection."""
    steps: list[dict[str, Any]] = []
    low, high, rate = 0, 0, FIRST_RATE
    while rate <= run.max_rate and (not high or high - low > max(1, PRECISION * low)):
        [_, sent], samples = await run.send(Phase(rate, 5), Phase(rate, run.step_seconds))
        meets = meets_latencies(sent)
        steps.append(_compact(sent) | {"meets": meets, "cores": samples.cores})
        if meets:
            low = rate
        else:
            high = rate
        rate = (low + high) // 2 if high else min(2 * rate, run.max_rate if low < run.max_rate else 2 * rate)
        if high and low == 0 and high < 10:
            break
    # Later scenarios need some load, although no rate met the latencies.
    run.rate = max(low, LEAST_RATE)
    return {
        "rate": low,
        "steps": steps,
        "missed": _missed((low >= run.max_rate, f"{low} of {run.max_rate} requests/s")),
    }


async def steady(run: Run) -> dict[str, Any]:
    """The rate for minutes."""
    return await _hold(run, run.seconds)


async def soak(run: Run) -> dict[str, Any]:
    """The rate for half an hour."""
    return await _hold(run, run.soak_seconds)


async def _hold(run: Run, seconds: int) -> dict[str, Any]:
    before = await run.held.command("status")
    # Values are cached, and processes have all modules, before it is measured.
    [_, sent], samples = await run.send(Phase(run.rate, min(20, seconds)), Phase(run.rate, seconds))
    after = await run.held.command("status")
    lost = sum(after["lost"].values()) - sum(before["lost"].values())
    serving = samples.cores["serving"]
    everything = sum(samples.cores[name] for name in ("serving", "postgresql", "valkey", "worker"))
    rate = sent.good / sent.seconds
    first, last = _ends([mib for _, mib in samples.memory])
    slow_first, slow_last = _ends([part["p95"] for part in sent.parts])
    return sent.as_json() | samples.as_json() | {
        "memoryGrowth": round(last / first, 3),
        "latencyGrowth": round(slow_last / max(slow_first, 0.1), 2),
        "requestsPerCoreSecond": {"serving": round(rate / serving), "all": round(rate / everything)},
        "events": after["events"] - before["events"],
        "lostConnections": lost,
        "missed": _missed(
            (sent.is_complete, f"{sent.rejected + sent.limited + sent.failed} errors, {sent.dropped} not sent"),
            (sent.p95_ms < P95_MS, f"p95 {sent.p95_ms} ms"),
            (sent.p99_ms < P99_MS, f"p99 {sent.p99_ms} ms"),
            (samples.backends <= BACKENDS, f"{samples.backends} backends"),
            (last <= first * GROWTH, f"memory grew from {first:.0f} to {last:.0f} MiB"),
            (slow_last <= 2 * slow_first + 5, f"p95 grew from {slow_first:.0f} to {slow_last:.0f} ms"),
            (lost == 0, f"{lost} connections were lost"),
        ),
    }  # fmt: skip


async def overload(run: Run) -> dict[str, Any]:
    """Three times the rate, and how long after it latencies are met again."""
    quiet, flood = Phase(run.rate, 15), Phase(run.rate * OVERLOAD, OVERLOAD_SECONDS)
    [_, before, during, after], samples = await run.send(
        Phase(run.rate, 5), quiet, flood, Phase(run.rate, 20), bucket=1
    )
    bad = [part["at"] for part in after.parts if part["p95"] >= P95_MS or part["rejected"]]
    recovered_after = max(bad) + 1 if bad else 0
    return {
        "before": _compact(before),
        "during": _compact(during),
        "after": _compact(after),
        "course": [part | {"phase": name} for name, sent in (("before", before), ("during", during), ("after", after))
                   for part in sent.parts],
        "goodputRatio": round(during.good / during.seconds / run.rate, 2),
        "recoveredAfterSeconds": recovered_after,
        "cores": samples.cores,
        "missed": _missed(
            (recovered_after <= RECOVERY_SECONDS, f"recovered after {recovered_after} s"),
            (during.failed == 0, f"{during.failed} requests failed, other than by 503"),
        ),
    }  # fmt: skip


async def reconnect(run: Run) -> dict[str, Any]:
    """5,000 clients connect again within a second, while others send half of the rate."""
    load = asyncio.create_task(run.send(Phase(max(run.rate // 2, 1), 5), Phase(max(run.rate // 2, 1), 25), bucket=1))
    await asyncio.sleep(8)
    found = await run.held.command("reconnect", numbers=RECONNECTING, seconds=RECONNECT_SECONDS)
    [_, sent], samples = await load
    late = found["readyAfterMs"]["p99"]
    return found | {
        "others": _compact(sent),
        "cores": samples.cores,
        "missed": _missed(
            (found["ready"] == found["of"], f"{found['of'] - found['ready']} clients could not connect"),
            (late < READY_WITHIN_MS, f"p99 until ready {late} ms"),
        ),
    }


async def slow_readers(run: Run) -> dict[str, Any]:
    """1,000 clients request megabytes and do not read them, while others send half of the rate."""
    before = run.sampler.memory_mib()
    load = asyncio.create_task(run.send(Phase(max(run.rate // 2, 1), 5), Phase(max(run.rate // 2, 1), 40), bucket=1))
    await asyncio.sleep(8)
    found = await run.held.command("read_slowly", number=SLOW_READERS)
    [_, sent], samples = await load
    await run.held.command("close", kinds=["slow"])
    growth = round(max(mib for _, mib in samples.memory) - before, 1)
    allowed = SLOW_MIB * run.sampler.process_count
    return found | {
        "others": _compact(sent),
        "memoryGrowthMib": growth,
        "cores": samples.cores,
        "missed": _missed(
            (growth <= allowed, f"memory grew by {growth} MiB; {allowed:g} are allowed"),
            (sent.failed + sent.dropped == 0, f"{sent.failed} requests of others failed, {sent.dropped} were not sent"),
        ),
    }


async def notify(run: Run) -> dict[str, Any]:
    """One change, whose learner has 2,500 open sockets."""
    async with run.sampler.watch() as samples:
        found = await run.held.command("notify", number=SUBSCRIBERS)
    await run.held.command("close", kinds=["notified"])
    late = found["afterMs"]["p99"] if found["afterMs"] else float("inf")
    return found | {
        "cores": samples.cores,
        "missed": _missed(
            (found["notified"] == SUBSCRIBERS, f"{found['notified']} of {SUBSCRIBERS} sockets were notified"),
            (late < NOTIFIED_P99_MS, f"p99 {late} ms; {NOTIFIED_P99_MS:g} are allowed"),
        ),
    }


SCENARIOS: dict[str, Callable[[Run], Awaitable[dict[str, Any]]]] = {
    "connections": connections,
    "search": search,
    "steady": steady,
    "overload": overload,
    "reconnect": reconnect,
    "slow-readers": slow_readers,
    "notify": notify,
    "soak": soak,
}


def meets_latencies(sent: Sent) -> bool:
    return sent.is_complete and sent.p95_ms < P95_MS and sent.p99_ms < P99_MS


def _compact(sent: Sent) -> dict[str, Any]:
    found = sent.as_json()
    del found["parts"]
    return found


def _ends(values: list[float]) -> tuple[float, float]:
    """The medians of the second and of the last tenth: the first one warms up."""
    tenth = max(1, len(values) // 10)
    first, last = sorted(values[tenth : 2 * tenth] or values[:1]), sorted(values[-tenth:])
    return first[len(first) // 2], last[len(last) // 2]


def _missed(*checks: tuple[bool, str]) -> list[str]:
    return [problem for is_met, problem in checks if not is_met]
