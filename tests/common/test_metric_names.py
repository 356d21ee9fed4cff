"""Names that clients choose in metrics: which ones have series, and that these never decrease or end."""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from common.metrics.admitted_names import AdmittedNames, NameGroup
from common.metrics.cells import CAPACITY, CellStore
from common.metrics.directory import MetricsDirectory
from common.metrics.frequent_names import FrequentNames
from common.metrics.instruments import use_store
from common.metrics.merge import Snapshot

OPERATIONS = "graphql_server_request_duration_seconds"
# Records a line of names and numbers of uses as operations of a server, each use with an error, and reports that.
PROCESS = """
import json, sys
from pathlib import Path
from common.metrics.directory import MetricsDirectory
from common.metrics.instruments import use_store
from server.observability.request_metrics import record_operation_of

use_store(MetricsDirectory(Path(sys.argv[1])).open_store())
print("ready", flush=True)
for line in sys.stdin:
    for name, uses, is_trusted in json.loads(line):
        fields = {"kind": "query", "operation": name} | ({"document_id": name} if is_trusted else {})
        for _ in range(uses):
            record_operation_of(fields, name, 0.001, ["NOT_FOUND"], None)
    print("recorded", flush=True)
"""
# Records what fills the file of a server: 100,000 names, the most series that each can have, and then another error.
STRANGERS = """
import sys
from pathlib import Path
import server.app
from common.metrics.directory import MetricsDirectory
from common.metrics.instruments import current_store, use_store
from domain.errors import ErrorCode
from server.observability.request_metrics import record_operation_of, record_request

KINDS = ("query", "mutation", "subscription")
use_store(MetricsDirectory(Path(sys.argv[1])).open_store())
codes = [str(code) for code in ErrorCode if code != ErrorCode.INTERNAL_SERVER_ERROR]
for number in range(1_000):
    record_request({"method": "GET"}, number, 0.1, trace_id=1)
    for kind in KINDS:
        fields = {"kind": kind, "operation": f"Trusted{number:093}", "document_id": "x"}
        record_operation_of(fields, "unknown", 0.1, codes, 1)
for number in range(100_000):
    name = f"Stranger{number:092}"
    for _ in range(110 if number < 500 else 2):
        for kind in KINDS[: 1 if number >= 500 else 3]:
            record_operation_of({"kind": kind, "operation": name}, name[-64:], 0.1, codes[:1], 1)
    if number in (2_000, 50_000, 99_999):
        print(len(current_store().entries()), sys.getallocatedblocks())
record_operation_of({"kind": "query"}, "unknown", 0.1, ["INTERNAL_SERVER_ERROR"], 1)
print(current_store().hidden, 0, flush=True)
sys.stdin.read()
"""
SEEDS = range(int(os.environ.get("FUZZ_HISTORIES", "1")))


@pytest.fixture(autouse=True)
def _own_names() -> None:
    use_store(CellStore())


class Process:
    """A process that records operations."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def expect(self, answer: bytes) -> None:
        assert self._process.stdout is not None
        assert await self._process.stdout.readline() == answer

    async def record(self, *uses: tuple[str, int, bool]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(uses).encode() + b"\n")
        await self.expect(b"recorded\n")

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def recording(directory: Path) -> AsyncIterator[Process]:
    process = Process(
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PROCESS, str(directory)), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
    )
    try:
        await process.expect(b"ready\n")
        yield process
    finally:
        await process.kill()


def read_counts(directory: Path) -> Mapping[tuple[str, ...], float]:
    """The values of all counters and the counts of all histograms, by name and labels."""
    series = Snapshot(MetricsDirectory(directory).read()).series()
    return {
        (found.name, *found.labels.values()): sum(values[:-1]) if found.bounds else values[0]
        for found, values in series
        if found.kind.outlives_process
    }


def read_names(directory: Path) -> Counter[str]:
    """Uses by the names of operations."""
    return Counter({key[2]: int(count) for key, count in read_counts(directory).items() if key[0] == OPERATIONS})


def used_bytes(directory: Path) -> int:
    [file] = directory.glob("*.cells")
    return int.from_bytes(file.read_bytes()[:8], "little")


@pytest.mark.parametrize("seed", SEEDS)
async def test_series_never_decrease_or_end(tmp_path: Path, seed: int) -> None:
    """While processes start and are killed, and more names are frequent than have series. The sum is exact."""
    random, used = Random(seed), 0
    names = [f"Name{number}" for number in range(600)]
    before: Mapping[tuple[str, ...], float] = {}
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(recording(tmp_path)) for _ in range(3)]
        for step in range(40):
            if step % 8 == 7:
                # At least one process remains.
                await processes.pop(random.randrange(len(processes))).kill()
                processes.append(await stack.enter_async_context(recording(tmp_path)))
            uses = [
                (name, random.randint(1, 200), name.endswith("99"))
                for name in random.choices(names, range(len(names), 0, -1), k=60)
            ]
            used += sum(number for _, number, _ in uses)
            await random.choice(processes).record(*uses)
            found = read_counts(tmp_path)
            decreased = [key for key, value in before.items() if found.get(key, 0.0) < value]
            assert not decreased
            assert sum(read_names(tmp_path).values()) == used
            before = found
    shown = {name for name in read_names(tmp_path) if name not in ("", "other")}
    assert len({name for name in shown if not name.endswith("99")}) <= 200
    assert len(shown) >= 200


async def test_names_end_with_the_last_process(tmp_path: Path) -> None:
    """So that those of strangers do not remain in a directory that outlives the server."""
    strangers = [(f"Stranger{number}", 200, False) for number in range(200)]
    async with recording(tmp_path) as first, recording(tmp_path) as second:
        others = 100 * 9 + 100 * 99 + 50
        await first.record(*strangers)
        await second.record(("Books", 50, False))
        assert read_names(tmp_path)["other"] == others
        assert read_names(tmp_path)["Stranger199"] == 101
        await first.kill()
        async with recording(tmp_path):
            assert read_names(tmp_path)["Stranger199"] == 101
    async with recording(tmp_path) as next_one:
        await next_one.record(("Books", 50, False))
        assert read_names(tmp_path) == {"": 0, "Books": 41, "other": others + 9}


async def test_series_of_strangers_fit_into_the_file(tmp_path: Path) -> None:
    """Of 100,000 names; with the error that an operator has to see afterwards."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", STRANGERS, str(tmp_path)), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        rows = [tuple(map(int, (await process.stdout.readline()).split())) for _ in range(4)]
    finally:
        process.kill()
        await process.communicate()
    (early, _), (middle, blocks), (late, blocks_later), (hidden, _) = rows
    assert early == middle == late
    assert blocks_later - blocks < 20_000
    assert hidden == 0
    counts = read_counts(tmp_path)
    assert counts["graphql_server_request_errors", "query", "", "INTERNAL_SERVER_ERROR"] == 1
    assert sum(key[0] == "graphql_server_request_errors" for key in counts) > 5_000
    assert used_bytes(tmp_path) < CAPACITY / 2


def test_full_disk_and_incomplete_lines_admit_no_name(tmp_path: Path) -> None:
    path, group = tmp_path / "names", NameGroup("client", "frequent", 2)
    path.write_bytes(b'\n["client","frequent","ios"]\n["client","frequ')
    first, second = AdmittedNames(path), AdmittedNames(path)
    assert [first.admit(group, name) for name in ("web", "other app", "ios")] == [True, False, True]
    assert [second.admit(group, name) for name in ("ios", "web", "other app")] == [True, True, False]
    assert not AdmittedNames(tmp_path / "missing" / "names").admit(group, "web")


@pytest.mark.parametrize("seed", [1, 2])
def test_strangers_leave_room_for_frequent_names(seed: int) -> None:
    random = Random(seed)
    names = FrequentNames(NameGroup("name", "frequent", 20))
    for number in range(1_000):
        for _ in range(12):
            names.label(f"Stranger{number}")
    late = [f"Late{number}" for number in range(10)]
    for number in range(20_000):
        names.label(f"Rare{number}")
        names.label(random.choice(late))
    assert [names.label(name) for name in late] == late
    shown = [number for number in range(1_000) if names.label(f"Stranger{number}") != "other"]
    assert shown == list(range(10))
    assert names.label("x" * 10_000) == "other"
