"""`shinjp serve` as a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

SHINJP = Path(sys.executable).with_name("shinjp")


@dataclass(frozen=True)
class Served:
    """A server that answers at `address`."""

    address: str
    process: asyncio.subprocess.Process
    log: Path

    async def stop_and_read(self) -> str:
        """Ends the server and returns all that it logged, on standard output and standard error."""
        self.process.terminate()
        output, _ = await self.process.communicate()
        return output.decode() + await asyncio.to_thread(self.log.read_text)

    async def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """Ends the server and returns its exit status."""
        self.process.send_signal(with_signal)
        await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode


@asynccontextmanager
async def serving(log: Path, *arguments: str, **settings: str) -> AsyncIterator[Served]:
    """A server on any free port, with these settings in its environment. Fails where it ends before it is ready."""
    with log.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            SHINJP,
            "serve",
            *arguments,
            *(() if "--worker" in arguments else ("--no-worker",)),
            stdout=subprocess.PIPE,
            stderr=stderr,
            # What is warmed up would be among what a test counts.
            env=os.environ | {"PORT": "0", "CACHE_WARM_UP": "off"} | settings,
        )
    assert process.stdout is not None
    try:
        address = await _address(process.stdout)
        assert address, f"the server ended before it was ready: {log} says why"
        yield Served(address, process, log)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _address(output: asyncio.StreamReader) -> str | None:
    async for line in output:
        if line.startswith(b"ready "):
            return line.removeprefix(b"ready ").decode().strip()
    return None


@asynccontextmanager
async def ending(pid: int) -> AsyncIterator[None]:
    """In the end waits until the process, which is no child of ours, is gone."""
    ended = asyncio.Event()
    descriptor = os.pidfd_open(pid)
    try:
        asyncio.get_running_loop().add_reader(descriptor, ended.set)
        yield
        async with asyncio.timeout(20):
            await ended.wait()
    finally:
        asyncio.get_running_loop().remove_reader(descriptor)
        os.close(descriptor)


async def shinjp(*arguments: str, **settings: str) -> tuple[int, str, str]:
    """Runs a command to its end: the exit status, what it printed, and what it told."""
    process = await asyncio.create_subprocess_exec(
        SHINJP, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | settings
    )
    output, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()
