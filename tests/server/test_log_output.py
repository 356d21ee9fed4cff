"""The log's lines are written together, in their order, and none is lost when the process ends."""

import asyncio
import io
import subprocess
import sys

import pytest

from server.log_output import LogOutput


class Written(io.BytesIO):
    """Says when something was written."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        super().__init__()
        self._loop = loop
        self.times = 0
        self.event = asyncio.Event()

    def flush(self) -> None:
        self.times += 1
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.event.set)


async def test_lines_of_a_moment_are_written_together() -> None:
    file = Written(asyncio.get_running_loop())
    output = LogOutput(file)
    for number in range(100):
        output.info(b"%d" % number)
    assert not file.getvalue()
    await file.event.wait()
    assert file.getvalue().split() == [b"%d" % number for number in range(100)]
    assert file.times == 1


async def test_a_warning_is_written_at_once_after_what_came_before() -> None:
    file = Written()
    output = LogOutput(file)
    output.info(b"first")
    output.warning(b"second")
    assert file.getvalue() == b"first\nsecond\n"


def test_without_an_event_loop_nothing_waits() -> None:
    file = Written()
    LogOutput(file).info(b"line")
    assert file.getvalue() == b"line\n"


@pytest.mark.parametrize("ending", ["", "raise SystemExit(3)"])
def test_what_waits_when_the_process_ends_is_written(ending: str) -> None:
    program = f"""
import asyncio, sys
from server.log_output import LogOutput

async def main():
    LogOutput(sys.stdout.buffer).info(b"last words")
    {ending}

asyncio.run(main())
"""
    assert subprocess.run([sys.executable, "-c", program], capture_output=True).stdout == b"last words\n"
