"""Debian's HAProxy with `deploy/haproxy.cfg`."""

import asyncio
import csv
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.setting_fields import PROJECT_ROOT

CONFIGURATION = PROJECT_ROOT / "deploy" / "haproxy.cfg"
SERVERS = ("one", "two", "three", "four")
needs_haproxy = pytest.mark.skipif(shutil.which("haproxy") is None, reason="HAProxy is not installed.")


@dataclass(frozen=True)
class HAProxy:
    """`address`: `127.0.0.1:…`, for clients."""

    address: str
    stats_socket: Path
    log: Path

    @property
    def host_and_port(self) -> tuple[str, int]:
        host, _, port = self.address.partition(":")
        return host, int(port)

    async def statistics(self) -> dict[str, dict[str, str]]:
        """The columns of `show stat` by server."""
        reader, writer = await asyncio.open_unix_connection(self.stats_socket)
        writer.write(b"show stat\n")
        text = (await reader.read()).decode().removeprefix("# ")
        writer.close()
        rows = csv.DictReader(text.splitlines())
        return {row["svname"]: row for row in rows if row["pxname"] == "servers" and row["svname"] in SERVERS}

    async def wait_for(self, status: str, *names: str) -> None:
        """Waits until these servers have a status, such as UP or DOWN."""
        async with asyncio.timeout(60):
            while not await self._are(status, names):  # noqa: ASYNC110  # HAProxy does not notify
                await asyncio.sleep(0.05)

    async def _are(self, status: str, names: Iterable[str]) -> bool:
        statistics = await self.statistics()
        return all(statistics[name]["status"].startswith(status) for name in names)


@asynccontextmanager
async def haproxy(log: Path, servers: Sequence[str]) -> AsyncIterator[HAProxy]:
    """Runs HAProxy in front of one to four servers, `host:port`."""
    with ExitStack() as stack:
        # The path of a socket must be short.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        # Connections to a socket that does not listen are refused.
        closed = stack.enter_context(socket.socket())
        closed.bind(("127.0.0.1", 0))
        addresses = [*servers, *[f"127.0.0.1:{closed.getsockname()[1]}"] * (len(SERVERS) - len(servers))]
        settings = {f"SHINJP_SERVER_{number}": address for number, address in enumerate(addresses, start=1)}
        settings |= {"SHINJP_BIND": f"fd@{listener.fileno()}", "SHINJP_STATS": str(folder / "stats")}
        output = stack.enter_context(log.open("wb"))
        process = await asyncio.create_subprocess_exec(
            *("haproxy", "-f", CONFIGURATION),
            pass_fds=(listener.fileno(),),
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | settings,
        )
        try:
            balancer = HAProxy(f"127.0.0.1:{listener.getsockname()[1]}", folder / "stats", log)
            async with asyncio.timeout(30):
                while not balancer.stats_socket.exists():
                    assert process.returncode is None, await asyncio.to_thread(log.read_text)
                    await asyncio.sleep(0.01)
            await balancer.wait_for("DOWN", *SERVERS[len(servers) :])
            yield balancer
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
