"""Metrics of several processes: sums, killed processes, and formats."""

import asyncio
import math
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client.core import Metric
from structlog.testing import capture_logs

from common.metrics.cells import CAPACITY, CellStore
from common.metrics.directory import MetricsDirectory
from common.metrics.exemplars import CELLS_PER_BUCKET, merge_exemplars, read_exemplars, write_exemplar
from common.metrics.instruments import Counter, Histogram, UpDownCounter, current_store, use_store
from common.metrics.merge import ProcessEntries, Snapshot
from common.metrics.process import ProcessMetrics, Sampler
from common.metrics.prometheus import SharedGaugeFamily, render, store_families
from common.metrics.series import Kind, Series
from tests.open_metrics import parse_open_metrics

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"
# Records, reports that it has, and records without an end if its argument says so.
RECORDER = """
import sys
from pathlib import Path
from common.metrics.directory import MetricsDirectory
from common.metrics.instruments import Counter, Histogram, UpDownCounter, use_store

requests = Counter("requests", "Requests.", ("route",))
requests["/early",].add()
use_store(MetricsDirectory(Path(sys.argv[1])).open_store())
seconds, open_sockets = Histogram("seconds", "Duration.", (), (0.1, 1.0)), UpDownCounter("sockets", "Sockets.")
open_sockets[()].add(3)
for _ in range(10):
    requests["/graphql",].add()
    seconds[()].observe(0.5)
print("recorded", flush=True)
while sys.argv[2] == "endless":
    requests["/endless",].add()
sys.stdin.read()
"""


@pytest.fixture
def own_store() -> Iterator[None]:
    """Afterwards, this process records in memory again, and the file of the test is closed."""
    yield
    store = current_store()
    use_store(CellStore())
    if store._file is not None:
        store._file.close()


@asynccontextmanager
async def recorder(directory: Path, mode: str = "") -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RECORDER, str(directory), mode), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"recorded\n"
        yield process
    finally:
        await kill(process)


async def kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.communicate()


def read(directory: Path) -> Snapshot:
    return Snapshot(MetricsDirectory(directory).read())


def files(directory: Path) -> list[Path]:
    return list(directory.glob("*.cells"))


def totals(directory: Path) -> tuple[float, float, float]:
    snapshot = read(directory)
    [counts] = [values for series, values in snapshot.series() if series.name == "seconds"]
    return snapshot.value("requests", route="/graphql"), counts[1], snapshot.value("sockets")


async def test_killed_process_keeps_its_counts_and_loses_its_gauges(tmp_path: Path) -> None:
    async with recorder(tmp_path) as first, recorder(tmp_path) as second:
        assert totals(tmp_path) == (20, 20, 6)
        assert read(tmp_path).value("requests", route="/early") == 2
        await kill(first)
        assert totals(tmp_path) == (20, 20, 3)
        await kill(second)
        assert totals(tmp_path)[:2] == (20, 20)
        dead = {path: path.read_bytes() for path in files(tmp_path)}
        # A new process merges the files of the dead ones.
        async with recorder(tmp_path):
            assert len(files(tmp_path)) == 2
            assert totals(tmp_path) == (30, 30, 3)
        # As if it had been killed before it deleted them.
        for path, content in dead.items():
            path.write_bytes(content)
        assert totals(tmp_path)[:2] == (30, 30)
        async with recorder(tmp_path):
            assert totals(tmp_path) == (40, 40, 3)
            assert len(files(tmp_path)) == 2


async def test_counters_grow_while_they_are_read(tmp_path: Path) -> None:
    async with recorder(tmp_path, "endless") as process:
        seen = [0.0]
        async with asyncio.timeout(60):
            while len(set(seen)) < 20:
                seen.append(read(tmp_path).value("requests", route="/endless"))
                await asyncio.sleep(0)
        await kill(process)
    assert seen == sorted(seen)
    assert all(value.is_integer() for value in seen)
    assert read(tmp_path).value("requests", route="/endless") >= seen[-1]


def test_full_file_hides_further_series(tmp_path: Path) -> None:
    with (tmp_path / "file").open("x+b") as file:
        store = CellStore(file)
        for number in range(3):
            store.cells(b"%d" % number, CAPACITY // 8 // 2)[0] += number
        assert store.hidden == 2
        assert [values[0] for _, values in store.entries()] == [0, 1, 2]


@pytest.mark.usefixtures("own_store")
async def test_hidden_series_are_counted_and_logged_once(tmp_path: Path) -> None:
    with capture_logs() as lines:
        metrics = ProcessMetrics(tmp_path)
        await metrics.snapshot()
        current_store().cells(b"large", CAPACITY)
        for hidden in (1, 2):
            current_store().cells(b"%d" % hidden, CAPACITY // 2)
            await metrics.snapshot()
            assert (await metrics.snapshot()).value("shinjp_hidden_series") == hidden + 1
    assert [line["event"] for line in lines] == ["metrics hidden"]


def test_latest_value_of_a_shared_thing_counts() -> None:
    own, shared = (Series(kind, kind, "", {}).encode() for kind in (Kind.GAUGE, Kind.SHARED))
    measured = ((1.0, 20.0), (5.0, 10.0), (2.0, 30.0), (math.nan, 40.0))
    snapshot = Snapshot(
        ProcessEntries(is_alive=True, entries=[(own, [value]), (shared, [value, at])]) for value, at in measured
    )
    assert (snapshot.value("gauge"), snapshot.value("shared")) == (8, 2)


@pytest.mark.usefixtures("own_store")
@pytest.mark.parametrize("is_shared", [False, True])
@pytest.mark.parametrize("failure", [None, RuntimeError("failed")])
async def test_failed_sampler_has_no_value(tmp_path: Path, failure: Exception | None, is_shared: bool) -> None:
    """Until it succeeds again. Other samplers have theirs."""
    values: dict[str, float | None] = {"one": 1.0, "other": 7.0}
    metrics = ProcessMetrics(tmp_path if is_shared else None)

    def sampler(name: str) -> Sampler:
        async def sample() -> Iterable[Metric]:
            value = values[name]
            if value is None and failure is not None:
                raise failure
            return () if value is None else (SharedGaugeFamily(f"sampled_{name}", "", value),)

        return sample

    async def sampled() -> dict[str, float]:
        snapshot = await metrics.snapshot(sample=True)
        return {series.name: cells[0] for series, cells in snapshot.series() if series.name.startswith("sampled_")}

    for name in values:
        metrics.add_sampler(sampler(name))
    assert await sampled() == {"sampled_one": 1.0, "sampled_other": 7.0}
    values["one"] = None
    assert await sampled() == {"sampled_other": 7.0}
    values["one"] = 3.0
    assert await sampled() == {"sampled_one": 3.0, "sampled_other": 7.0}


def test_value_that_is_published_again_is_not_newer() -> None:
    """Although it is larger."""
    stale, recent = CellStore(), CellStore()
    store_families(stale, [SharedGaugeFamily("sampled_age", "", 900.0)], at=10.0)
    store_families(recent, [SharedGaugeFamily("sampled_age", "", 2.0)], at=20.0)
    store_families(stale, [SharedGaugeFamily("sampled_age", "", 900.0)], at=10.0)
    snapshot = Snapshot(ProcessEntries(is_alive=True, entries=store.entries()) for store in (stale, recent))
    assert snapshot.value("sampled_age") == 2


def rendered(accept: str) -> str:
    body, content_type = render(Snapshot([ProcessEntries(is_alive=True, entries=current_store().entries())]), accept)
    assert content_type.startswith("application/openmetrics-text" if "openmetrics" in accept else "text/plain")
    return body.decode()


def test_text_format() -> None:
    seconds = Histogram("text_seconds", "Duration.", ("route",), (0.1, 1.0))
    for value in (0.1, 0.2, 30.0):
        seconds['/"a"\n',].observe(value)
    UpDownCounter("text_open", "Open.")[()].add(2)
    lines = rendered("").splitlines()
    label = r'route="/\"a\"\n"'
    assert [line for line in lines if line.startswith("text_")] == [
        "text_open 2.0",
        f'text_seconds_bucket{{le="0.1",{label}}} 1.0',
        f'text_seconds_bucket{{le="1.0",{label}}} 2.0',
        f'text_seconds_bucket{{le="+Inf",{label}}} 3.0',
        f"text_seconds_count{{{label}}} 3.0",
        f"text_seconds_sum{{{label}}} 30.3",
    ]


def test_series_exist_from_the_start() -> None:
    """A rate needs the zero before the first increment."""
    Counter("start_events", "Events.")
    Counter("start_reasons", "Reasons.", ("reason",), known=[("a",), ("b",)])
    Histogram("start_seconds", "Duration.", bounds=(1.0,))
    assert {line for line in rendered("").splitlines() if line.startswith("start_")} == {
        "start_events_total 0.0",
        'start_reasons_total{reason="a"} 0.0',
        'start_reasons_total{reason="b"} 0.0',
        'start_seconds_bucket{le="1.0"} 0.0',
        'start_seconds_bucket{le="+Inf"} 0.0',
        "start_seconds_count 0.0",
        "start_seconds_sum 0.0",
    }


def exemplars_of(name: str) -> dict[str, tuple[str, float]]:
    """By the bounds of their buckets, in the format of OpenMetrics, all of which is valid."""
    return {
        sample.labels["le"]: (sample.exemplar.labels["trace_id"], sample.exemplar.value)
        for sample in parse_open_metrics(rendered(OPEN_METRICS))
        if sample.name == f"{name}_bucket" and sample.exemplar is not None
    }


def test_exemplars_are_the_latest_values_of_kept_traces() -> None:
    seconds = Histogram("exemplar_seconds", "Duration.", ("route",), (0.1, 1.0))
    series = seconds["/",]
    series.observe(0.05)
    assert exemplars_of("exemplar_seconds") == {}
    series.observe(0.5, 1)
    series.observe(0.6, 2**128 - 1)
    series.observe(7.0, 2**100 + 3)
    series.observe(0.7)
    expected = {"1.0": ("f" * 32, 0.6), "+Inf": (f"{2**100 + 3:032x}", 7.0)}
    assert exemplars_of("exemplar_seconds") == expected
    # The other format has none.
    assert "# {" not in rendered("text/plain")
    # Series continue in the file of the process.
    use_store(CellStore())
    assert exemplars_of("exemplar_seconds") == expected


def test_exemplars_of_processes_are_merged() -> None:
    first, second = (CellStore() for _ in range(2))
    key, cells = b"exemplars", 2 * CELLS_PER_BUCKET
    write_exemplar(first.cells(key, cells), 0, 0.5, 1)
    write_exemplar(second.cells(key, cells), 0, 0.6, 2)
    merged = merge_exemplars(second.cells(key, cells), first.cells(key, cells))
    assert [exemplar and exemplar.trace_id for exemplar in read_exemplars(merged)] == [2, None]
    # One that is being written is not read.
    second.cells(key, cells)[0] += 1
    assert list(read_exemplars(second.cells(key, cells))) == [None, None]
