"""A cluster of three Valkey processes, and a server with a sentinel, on free ports of this machine."""

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from server.dev_servers.valkey import _program

HOST = "127.0.0.1"
# The first slot of each server; a cluster has 16384.
FIRST_SLOTS = (0, 5461, 10922)
NAME = "mymaster"
DEADLINE_SECONDS = 20
_POLL_INTERVAL_SECONDS = 0.02
# Time without a response after which the other servers of the cluster mark one as failed: long enough for a busy
# machine, except while a server is killed.
_NODE_TIMEOUT_MILLISECONDS, _SHORT_NODE_TIMEOUT_MILLISECONDS = 20_000, 500


@dataclass
class Server:
    """A Valkey process that can be killed and started again."""

    port: int
    directory: Path
    arguments: tuple[str, ...]
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def start(self) -> None:
        """Starts the process and waits until it answers."""
        await asyncio.to_thread(self.directory.mkdir, exist_ok=True)
        with (self.directory / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                _program(), *self.arguments, stdout=log, stderr=subprocess.STDOUT, cwd=self.directory
            )
        await until(self._answers)

    async def kill(self) -> None:
        """Kills the process, as a power failure would."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def end(self) -> None:
        """Shuts the process down, unless it has exited."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            await self._process.wait()

    async def command(self, *words: str | int) -> Any:
        """The reply of this server, without following redirects."""
        redis: Any = Redis(host=HOST, port=self.port, decode_responses=True)
        async with redis:
            return await redis.execute_command(*words)

    async def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.returncode is None, f"it ended: {self.directory / 'log'} says why"
        with suppress(RedisError):
            await self.command("PING")
            return True
        return False


@dataclass(frozen=True)
class Cluster:
    """Servers that share the hash slots."""

    servers: Sequence[Server]

    @property
    def url(self) -> str:
        return _url(self.servers[0])

    def url_without(self, server: Server) -> str:
        """The address of another server."""
        return _url(next(other for other in self.servers if other is not server))

    @asynccontextmanager
    async def with_partial_coverage(self) -> AsyncIterator[None]:
        """Servers keep serving their own slots while other slots are uncovered."""
        await self._set("cluster-require-full-coverage", "no")
        try:
            yield
        finally:
            await self._set("cluster-require-full-coverage", "yes")

    @asynccontextmanager
    async def without(self, server: Server) -> AsyncIterator[None]:
        """Kills the server; at exit starts it again, empty."""
        await self._set("cluster-node-timeout", _SHORT_NODE_TIMEOUT_MILLISECONDS)
        await server.kill()
        try:
            yield
        finally:
            await server.start()
            await self.agreed("ok")
            await self._set("cluster-node-timeout", _NODE_TIMEOUT_MILLISECONDS)

    async def _set(self, option: str, value: str | int) -> None:
        for server in self.servers:
            await server.command("CONFIG", "SET", option, value)

    async def agreed(self, state: str, *, without: Server | None = None) -> None:
        """Waits until all servers but one report this state of the cluster."""
        for server in self.servers:
            if server is not without:
                await until(partial(_says, server, state))


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Waits for the condition; fails after a time-out."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not await condition():  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(_POLL_INTERVAL_SECONDS)


@asynccontextmanager
async def cluster(directory: Path) -> AsyncIterator[Cluster]:
    """Starts three servers without replicas, each with a third of the slots."""
    ports = free_ports(6)
    servers = [
        _server(directory, port, *_in_cluster(bus_port)) for port, bus_port in zip(ports[:3], ports[3:], strict=True)
    ]
    async with _running(servers):
        for server, first, following in zip(servers, FIRST_SLOTS, (*FIRST_SLOTS[1:], 16384), strict=True):
            await server.command("CLUSTER", "ADDSLOTSRANGE", first, following - 1)
        for server, bus_port in zip(servers[1:], ports[4:], strict=True):
            await servers[0].command("CLUSTER", "MEET", HOST, server.port, bus_port)
        made = Cluster(servers)
        await made.agreed("ok")
        yield made


@asynccontextmanager
async def watched(directory: Path) -> AsyncIterator[tuple[Server, Server]]:
    """Starts a server and the sentinel that monitors it as `NAME`."""
    port, sentinel_port = free_ports(2)
    configuration = directory / "sentinel.conf"
    text = f'bind {HOST}\nport {sentinel_port}\ndir "{directory}"\nsentinel monitor {NAME} {HOST} {port} 1\n'
    await asyncio.to_thread(configuration.write_text, text)
    server = _server(directory, port)
    sentinel = Server(sentinel_port, directory / str(sentinel_port), (str(configuration), "--sentinel"))
    async with _running([server, sentinel]):
        yield server, sentinel


@asynccontextmanager
async def replica_of(server: Server, directory: Path) -> AsyncIterator[Server]:
    """Starts a replica that has everything of the server."""
    replica = _server(directory, free_ports(1)[0])
    async with _running([replica]):
        await server.command("CONFIG", "SET", "repl-diskless-sync-delay", 0)
        await replica.command("REPLICAOF", HOST, server.port)
        await until(partial(_is_replica, replica))
        yield replica


async def promote(replica: Server, primary: Server) -> None:
    """Makes the replica a primary, as soon as it has everything of the present one, which is not asked."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert await primary.command("WAIT", 1, DEADLINE_SECONDS * 1000) == 1
    await replica.command("REPLICAOF", "NO", "ONE")


async def monitor(sentinel: Server, primary: Server) -> None:
    """Lets the sentinel monitor another server, as after a failover."""
    await sentinel.command("SENTINEL", "REMOVE", NAME)
    await sentinel.command("SENTINEL", "MONITOR", NAME, HOST, primary.port, 1)


def free_ports(number: int) -> list[int]:
    """Distinct free ports."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(number)]
    ports: list[int] = []
    for each in sockets:
        ports.append(each.getsockname()[1])
        each.close()
    return ports


def _server(directory: Path, port: int, *more: str) -> Server:
    arguments = (
        "--bind",
        HOST,
        "--port",
        str(port),
        "--save",
        "",
        "--appendonly",
        "no",
        "--enable-debug-command",
        "yes",
    )
    return Server(port, directory / str(port), (*arguments, *more))


def _in_cluster(bus_port: int) -> tuple[str, ...]:
    timeout = str(_NODE_TIMEOUT_MILLISECONDS)
    return ("--cluster-enabled", "yes", "--cluster-port", str(bus_port), "--cluster-node-timeout", timeout)


@asynccontextmanager
async def _running(servers: Sequence[Server]) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for server in servers:
            stack.push_async_callback(server.end)
            await server.start()
        yield


def _url(server: Server) -> str:
    return f"redis+cluster://{HOST}:{server.port}"


async def _says(server: Server, state: str) -> bool:
    return f"cluster_state:{state}" in await server.command("CLUSTER", "INFO")


async def _is_replica(server: Server) -> bool:
    status: str = (await server.command("INFO", "replication"))["master_link_status"]
    return status == "up"
