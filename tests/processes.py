"""Commands in separate processes."""

import asyncio
import atexit
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from server.dev_servers import valkey
from server.dev_servers.socket_paths import socket_directory
from tests.fork_server import COMMAND, ForkedProcess, ForkServer

SHINJP = Path(sys.executable).with_name("shinjp")

# Long enough for a first start, with all content, on a busy machine.
START_SECONDS = 120
STOP_SECONDS = 60
_LOG_LINES = 40
UNLIMITED_COST = "anonymous=1000000000/1000000"


@dataclass(frozen=True)
class ServerProcess:
    """A ready server. `address`: the URL of its endpoint. `banner`: the lines that it printed, by their first word."""

    address: str
    process: ForkedProcess
    log: Path
    banner: Mapping[str, str] = field(default_factory=dict)

    @property
    def ports(self) -> tuple[int, ...]:
        """Those of its processes, if each has its own."""
        return tuple(map(int, self.banner.get("Ports", "").split()))

    async def stop_and_read(self) -> str:
        """Stops the server and returns its standard output and standard error."""
        self.process.terminate()
        return (await self._end()).decode() + await asyncio.to_thread(self.log.read_text)

    async def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """Stops the server and returns its exit status."""
        self.process.send_signal(with_signal)
        await self._end()
        assert self.process.returncode is not None
        return self.process.returncode

    async def _end(self) -> bytes:
        try:
            async with asyncio.timeout(STOP_SECONDS):
                output, _ = await self.process.communicate()
                return output
        except TimeoutError:
            self.process.kill()
            raise AssertionError(
                f"the server did not stop within {STOP_SECONDS} seconds:\n{await _tail(self.log)}"
            ) from None


@cache
def fork_server() -> ForkServer:
    """That of this process. The first server starts it."""
    server = ForkServer()
    atexit.register(server.close)
    return server


def server_process(log: Path, *arguments: str, **settings: str) -> AbstractAsyncContextManager[ServerProcess]:
    """Starts a server on any free port with these settings. Fails if it exits before it is ready.

    A given database has all content: it is neither migrated nor gets the whole dictionary in the background. The
    processes of `--workers` are forked from that of the command.
    """
    return _server_process(log, arguments, settings, forks_processes=True)


def spawning_server_process(log: Path, *arguments: str, **settings: str) -> AbstractAsyncContextManager[ServerProcess]:
    """The same, but the processes of `--workers` are spawned, as without tests: each imports everything again."""
    return _server_process(log, arguments, settings, forks_processes=False)


@asynccontextmanager
async def _server_process(
    log: Path, arguments: Sequence[str], settings: Mapping[str, str], *, forks_processes: bool
) -> AsyncIterator[ServerProcess]:
    defaults = [] if "--worker" in arguments else ["--no-worker"]
    if "DATABASE_URL" in settings and "--migrate" not in arguments:
        defaults.append("--no-migrate")
    # Requests of the cache warm-up would be counted in tests.
    given = {"PORT": "0", "CACHE_WARMUP_FILE": "off", "MAX_NEW_DOCUMENTS": "1000000", "COST_PLANS": UNLIMITED_COST}
    with log.open("ab") as stderr:
        process = await fork_server().start(
            ["serve", *arguments, *defaults], {**given, **settings}, stderr.fileno(), forks_processes=forks_processes
        )
    try:
        banner = await _banner(process, log)
        yield ServerProcess(banner["ready"], process, log, banner)
    finally:
        if process.returncode is None:
            process.terminate()
        await ServerProcess("", process, log)._end()


async def _banner(process: ForkedProcess, log: Path) -> Mapping[str, str]:
    """Waits until the server is ready; returns the lines that it printed, by their first word.

    Fails, with its last log lines, if it exits before or is not ready in time.
    """
    why = f"was not ready within {START_SECONDS} seconds"
    try:
        async with asyncio.timeout(START_SECONDS):
            banner = await _read_banner(process.stdout)
            if "ready" in banner:
                return banner
            why = f"ended with status {await process.wait()} before it was ready"
    except TimeoutError:
        pass
    raise AssertionError(f"the server {why}:\n{await _tail(log)}")


async def _read_banner(output: asyncio.StreamReader) -> Mapping[str, str]:
    """Reads lines up to that of the server being ready, or the end."""
    banner: dict[str, str] = {}
    async for line in output:
        name, _, value = line.decode().strip().partition(" ")
        banner[name] = value.strip()
        if name == "ready":
            break
    return banner


async def _tail(log: Path) -> str:
    return "\n".join((await asyncio.to_thread(log.read_text)).splitlines()[-_LOG_LINES:])


@asynccontextmanager
async def command_process(
    *arguments: str, log: Path | None = None, module: str = COMMAND, **settings: str
) -> AsyncIterator[ForkedProcess]:
    """A running command, by default one of `shinjp`, which is terminated at exit if the test has not ended it.

    `log`: the file of its standard error, which is a pipe by default.
    """
    with nullcontext() if log is None else log.open("ab") as stderr:
        process = await fork_server().start(
            arguments, settings, None if stderr is None else stderr.fileno(), module=module, forks_processes=True
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()


@asynccontextmanager
async def ending(pid: int) -> AsyncIterator[None]:
    """At exit, waits until the process has ended, which is not a child of this one."""
    ended = asyncio.Event()
    descriptor = os.pidfd_open(pid)
    try:
        asyncio.get_running_loop().add_reader(descriptor, ended.set)
        yield
        async with asyncio.timeout(60):
            await ended.wait()
    finally:
        asyncio.get_running_loop().remove_reader(descriptor)
        os.close(descriptor)


async def shinjp(*arguments: str, **settings: str) -> tuple[int, str, str]:
    """Runs a command; returns its exit status, standard output and standard error."""
    process = await fork_server().start(arguments, settings, forks_processes=True)
    try:
        async with asyncio.timeout(START_SECONDS):
            output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()


def children(pid: int) -> list[int]:
    """The server processes of a supervisor, in the order of their start, without multiprocessing's resource tracker."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent != pid:
                continue
            command = (folder / "cmdline").read_bytes()
            # Spawned, or forked.
            if b"spawn_main" in command or command == (folder.parent / str(pid) / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return sorted(found)


def process_of_valkey(data_dir: Path) -> int:
    reply = valkey._command(socket_directory(data_dir), b"INFO server", 4096).decode()
    return int(reply.partition("process_id:")[2].split()[0])


async def address_of(process: asyncio.subprocess.Process | ForkedProcess) -> str:
    """Waits until a server prints that it is ready."""
    assert process.stdout is not None
    banner = await _read_banner(process.stdout)
    assert "ready" in banner, "the server ended before it was ready"
    return banner["ready"]
