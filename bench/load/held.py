"""The process that holds the connections, seen from the run."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.harness import ROOT


class Held:
    """Sends commands to `bench.load.connections`. `pid`: for its processor time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def command(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Raises RuntimeError if the process has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, arguments]).encode() + b"\n")
        await self._process.stdin.drain()
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process of the connections ended with {await self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@asynccontextmanager
async def held(url: str, population: Path) -> AsyncIterator[Held]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.load.connections", url, str(population)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Held(process)
    finally:
        process.kill()
        await process.wait()
