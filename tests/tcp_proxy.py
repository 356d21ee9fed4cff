"""A TCP proxy in front of PostgreSQL, which can delay connections or drop their data."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import cast
from urllib.parse import SplitResult, parse_qs, urlsplit, urlunsplit

from common.task_set import TaskSet


class TcpProxy:
    """`url`: the database through the proxy. `connections`: the number of opened connections."""

    def __init__(self, held_after: int | None) -> None:
        self.url = ""
        self.connections = 0
        self._held_after = held_after
        self._released = asyncio.Event()
        self._is_stalled = False
        self._generation = 0
        self._connected = asyncio.Condition()

    async def until_connected(self, times: int) -> None:
        async with self._connected:
            await self._connected.wait_for(lambda: self.connections >= times)

    def stall(self) -> None:
        """Drop all data from now on, without closing. Open connections stay dead."""
        self._is_stalled = True
        self._generation += 1

    def recover(self) -> None:
        """Forward new connections again."""
        self._is_stalled = False

    def release(self) -> None:
        """Forward the connections that were held."""
        self._released.set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: SplitResult) -> None:
        writers = [writer]
        try:
            async with self._connected:
                self.connections += 1
                is_held = self._held_after is not None and self.connections > self._held_after
                self._connected.notify_all()
            if is_held:
                await self._released.wait()
            server_reader, server_writer = await _connect(server)
            writers.append(server_writer)
            await asyncio.gather(self._forward(reader, server_writer), self._forward(server_reader, writer))
        except asyncio.CancelledError:
            pass
        finally:
            for each in writers:
                each.close()
            for each in writers:
                with suppress(ConnectionError):
                    await each.wait_closed()

    async def _forward(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        generation = self._generation
        with suppress(OSError):
            while data := await source.read(65536):
                if self._is_stalled or generation != self._generation:
                    await asyncio.Event().wait()
                sink.write(data)
                await sink.drain()
            # Each side detects that the other has closed.
            sink.write_eof()


@asynccontextmanager
async def proxy_to(database_url: str, *, held_after: int | None = None) -> AsyncIterator[TcpProxy]:
    """`held_after`: connections beyond this number wait until they are released."""
    proxy, parts = TcpProxy(held_after), urlsplit(database_url)
    tasks = TaskSet()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(cast("asyncio.Task[None]", asyncio.current_task()))
        await proxy.handle(reader, writer, parts)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    user = f"{parts.username}@" if parts.username else ""
    proxy.url = urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{port}", query="sslmode=disable"))
    try:
        yield proxy
    finally:
        server.close()
        await tasks.close()


async def _connect(server: SplitResult) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    directory = parse_qs(server.query).get("host")
    if directory:
        return await asyncio.open_unix_connection(f"{directory[0]}/.s.PGSQL.5432")
    return await asyncio.open_connection(server.hostname, server.port or 5432)
