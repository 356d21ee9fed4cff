"""Log lines are written in batches and in order; a stalled reader loses lines, and blocks nothing."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.observability.log_writer import LogWriter


def describe(count: int) -> bytes:
    return b"dropped %d" % count


def read_until(descriptor: int, end: bytes) -> bytes:
    read = b""
    while not read.endswith(end):
        chunk = os.read(descriptor, 65_536)
        assert chunk, read[-200:]
        read += chunk
    return read


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    for descriptor in (read, write):
        os.close(descriptor)


def test_lines_of_all_levels_are_written_in_order(tmp_path: Path) -> None:
    path = tmp_path / "log"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    writer = LogWriter(descriptor, describe)
    for number in range(1000):
        (writer.warning if number % 7 == 0 else writer.info)(b"%d" % number)
    writer.flush(30)
    os.close(descriptor)
    assert path.read_bytes().split() == [b"%d" % number for number in range(1000)]


@pytest.mark.parametrize("blocking", [True, False])
def test_lines_dropped_by_a_stalled_reader_are_counted(pipe: tuple[int, int], *, blocking: bool) -> None:
    read, write = pipe
    os.set_blocking(write, blocking)
    writer = LogWriter(write, describe, max_bytes=1_000_000)
    line = b"x" * 999
    count = 0
    while writer.dropped_count < 100:
        writer.info(line)
        count += 1
        assert count < 5_000
    dropped = writer.dropped_count
    # Nothing waits for the reader.
    writer.flush(0.01)
    report = b"dropped %d\n" % dropped
    content = read_until(read, report)
    assert content.count(line + b"\n") == count - dropped
    writer.info(b"after")
    assert read_until(read, b"after\n") == b"after\n"
    assert writer.dropped_count == dropped


def test_lines_dropped_by_a_closed_reader_are_counted(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    writer = LogWriter(write, describe)
    writer.info(b"lost")
    writer.flush(30)
    assert writer.dropped_count == 1
    # The descriptor becomes writable again, as when a disk has free space again.
    path = tmp_path / "log"
    with path.open("wb") as file:
        os.dup2(file.fileno(), write)
    writer.info(b"found")
    writer.flush(30)
    os.close(write)
    assert path.read_bytes() == b"found\ndropped 1\n"


def test_lines_of_many_threads_are_all_written(tmp_path: Path) -> None:
    path = tmp_path / "log"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    writer = LogWriter(descriptor, describe)
    barrier = threading.Barrier(8)

    def log(name: int) -> None:
        barrier.wait(30)
        for number in range(500):
            writer.info(b"%d-%d" % (name, number))

    threads = [threading.Thread(target=log, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    writer.flush(30)
    os.close(descriptor)
    expected = {b"%d-%d" % (name, number) for name in range(8) for number in range(500)}
    assert sorted(path.read_bytes().split()) == sorted(expected)
    assert writer._pending_bytes == 0


@pytest.mark.parametrize("ending", ["", "raise SystemExit(3)"])
def test_buffered_lines_are_written_at_exit(ending: str) -> None:
    program = f"""
import asyncio
from server.observability.log_writer import LogWriter

async def main():
    LogWriter(1, lambda count: b"").info(b"last words")
    {ending}

asyncio.run(main())
"""
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60).stdout == b"last words\n"


async def test_process_with_a_stalled_reader_exits(pipe: tuple[int, int]) -> None:
    program = """
from server.observability.log_writer import LogWriter
writer = LogWriter(2, lambda count: b"")
for _ in range(100):
    writer.info(b"x" * 10_000)
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stderr=pipe[1])
    assert await asyncio.wait_for(process.wait(), 60) == 0
