"""Watches the processes of a run: memory and connections each second, and processor time over a phase."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from bench.harness import resident_kib
from bench.load.processes import cpu_seconds

# Of the serving processes and of the worker.
BACKENDS = "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"


@dataclass
class Samples:
    """What was seen while a phase ran. `memory`: (seconds, MiB) of all serving processes."""

    memory: list[tuple[float, float]] = field(default_factory=list)
    backends: int = 0
    cores: dict[str, float] = field(default_factory=dict)
    seconds: float = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "seconds": round(self.seconds, 1),
            "cores": self.cores,
            "backends": self.backends,
            "memoryMib": self.memory,
        }


class Sampler:
    """`serving`: the processes whose memory counts. `groups`: functions that return the processes of a name."""

    def __init__(
        self, owner: asyncpg.Connection, serving: list[int], groups: Mapping[str, Callable[[], list[int]]]
    ) -> None:
        self._owner = owner
        self._serving = serving
        self._groups = groups

    @property
    def process_count(self) -> int:
        return len(self._serving)

    def memory_mib(self) -> float:
        return round(sum(map(resident_kib, self._serving)) / 1024, 1)

    def cpu(self) -> dict[str, float]:
        return {name: sum(map(cpu_seconds, pids())) for name, pids in self._groups.items()}

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[Samples]:
        samples, started_at, before = Samples(), time.monotonic(), self.cpu()
        latest = before

        async def sample() -> None:
            nonlocal latest
            while True:
                samples.memory.append((round(time.monotonic() - started_at, 1), self.memory_mib()))
                samples.backends = max(samples.backends, await self._owner.fetchval(BACKENDS))
                # A process that has ended is not counted when the phase ends.
                latest = {name: max(latest[name], seconds) for name, seconds in self.cpu().items()}
                await asyncio.sleep(1)

        task = asyncio.create_task(sample())
        try:
            yield samples
        finally:
            task.cancel()
            samples.seconds = time.monotonic() - started_at
            latest = {name: max(latest[name], seconds) for name, seconds in self.cpu().items()}
            samples.cores = {name: round((latest[name] - before[name]) / samples.seconds, 3) for name in latest}
