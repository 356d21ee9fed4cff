"""The metrics of this process, and of all processes of the server."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from prometheus_client.core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from common.executors import FILES, run_in
from common.metrics.cells import CellStore
from common.metrics.directory import MetricsDirectory
from common.metrics.instruments import Histogram, UpDownCounter, current_store, use_store
from common.metrics.merge import ProcessEntries, Snapshot
from common.metrics.prometheus import remove_families, store_families
from common.task_set import cancel_and_wait
from common.throttle import Throttle

log = structlog.get_logger()

_throttle = Throttle(60.0)

Sampler = Callable[[], Awaitable[Iterable[Metric]]]

_TICK_SECONDS = 0.25
# What collectors measure is at most this old for other processes.
_PUBLISH_TICKS = 4
# Samplers send statements, or read directories.
_SAMPLE_TICKS = 60
_OF_OPERATING_SYSTEM = frozenset(("process_cpu_seconds", "process_resident_memory_bytes", "process_open_fds"))

_PROCESSES = UpDownCounter("shinjp_processes", "Running processes, by kind.", ("kind",))
_HIDDEN = UpDownCounter("shinjp_hidden_series", "Series that are missing, because the file of their process is full.")
_LAG = Histogram("shinjp_event_loop_lag_seconds", "How much later than due a timer of the event loop runs.")
_GC_PAUSE = Histogram("shinjp_gc_pause_seconds", "Duration of garbage collections.", ("generation",))


class ProcessMetrics:
    """`directory`: shared by the processes of a server; None: there is only this one."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = None if directory is None else MetricsDirectory(directory)
        if self._directory is not None:
            use_store(self._directory.open_store())
        self._collectors: list[Collector] = []
        self._samplers: list[Sampler] = []
        # With the time of the measurement.
        self._sampled: dict[Sampler, tuple[float, list[Metric]]] = {}

    def add(self, *collectors: Collector) -> None:
        self._collectors += collectors

    def add_sampler(self, sampler: Sampler) -> None:
        """Add a collector that has to wait. Without a result, the former one is removed."""
        self._samplers.append(sampler)

    async def snapshot(self, *, sample: bool = False) -> Snapshot:
        """Metrics of all processes; what collectors of others measured is up to a second old.

        `sample`: call the samplers of this process first.
        """
        if sample:
            await self._sample()
        store = current_store() if self._directory is not None else CellStore()
        self._publish(store)
        if self._directory is not None:
            directory = self._directory
            return await run_in(FILES, lambda: Snapshot(directory.read()))
        return Snapshot(ProcessEntries(is_alive=True, entries=found.entries()) for found in (current_store(), store))

    @asynccontextmanager
    async def running(self, kind: str) -> AsyncIterator[None]:
        """Publish metrics periodically, and measure the event loop and the garbage collector."""
        pauses = _GarbageCollections()
        gc.callbacks.append(pauses)
        _PROCESSES[kind,].add()
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            await cancel_and_wait(task)
            gc.callbacks.remove(pauses)
            _PROCESSES[kind,].add(-1)
            if self._directory is not None:
                self._publish(current_store())

    async def _run(self) -> None:
        lag, ticks = _LAG[()], 0
        while True:
            due = time.perf_counter() + _TICK_SECONDS
            await asyncio.sleep(_TICK_SECONDS)
            lag.observe(max(0.0, time.perf_counter() - due))
            ticks += 1
            if self._directory is not None and ticks % _PUBLISH_TICKS == 0:
                if ticks % _SAMPLE_TICKS == _PUBLISH_TICKS:
                    await self._sample()
                self._publish(current_store())

    async def _sample(self) -> None:
        await asyncio.gather(*map(self._measure, self._samplers))

    async def _measure(self, sampler: Sampler) -> None:
        families: Iterable[Metric] = ()
        try:
            families = await sampler()
        except Exception as error:
            if _throttle.admit(type(error).__name__) is not None:
                log.exception("metrics not measured")
        sampled = list(families)
        if sampled:
            self._sampled[sampler] = time.time(), sampled
            return
        # Its former value may hold up an alert.
        _, former = self._sampled.pop(sampler, (0.0, []))
        if self._directory is not None:
            remove_families(current_store(), former)

    def _publish(self, store: CellStore) -> None:
        for collector in self._collectors:
            store_families(store, collector.collect(), time.time())
        for at, families in self._sampled.values():
            store_families(store, families, at)
        hidden = _HIDDEN[()].cells
        if store.hidden and not hidden[0]:
            log.error("metrics hidden", reason="The file of the process is full.")
        hidden[0] = store.hidden


class OperatingSystemCollector(Collector):
    """CPU time, memory and file descriptors of the process."""

    def __init__(self) -> None:
        self._collector = ProcessCollector(registry=None)

    def collect(self) -> Iterable[Metric]:
        return [family for family in self._collector.collect() if family.name in _OF_OPERATING_SYSTEM]


class _GarbageCollections:
    """A callback of the garbage collector."""

    def __init__(self) -> None:
        self._started_at = 0.0
        self._series = [_GC_PAUSE[str(generation),] for generation in range(3)]

    def __call__(self, phase: str, info: dict[str, Any]) -> None:
        now = time.perf_counter()
        if phase == "start":
            self._started_at = now
        else:
            self._series[info["generation"]].observe(now - self._started_at)
