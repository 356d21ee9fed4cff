"""A wire to a PostgreSQL, which can go dead without a word."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import parse_qs, urlsplit, urlunsplit


@dataclass
class Wire:
    """`connections`: how many were opened through it. While `dead`, what is sent into it never arrives."""

    url: str = ""
    connections: int = 0
    alive: asyncio.Event = field(default_factory=asyncio.Event)
    _told: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until_connected(self, times: int) -> None:
        async with self._told:
            await self._told.wait_for(lambda: self.connections >= times)

    async def count(self) -> None:
        async with self._told:
            self.connections += 1
            self._told.notify_all()

    async def pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        number = self.connections
        with suppress(OSError):
            while data := await source.read(65536):
                # A connection that was open when the wire went dead stays dead.
                while not self.alive.is_set() or self.connections > number:
                    await asyncio.Event().wait()
                sink.write(data)
                await sink.drain()
            # So that each side sees that the other has closed.
            sink.write_eof()


@asynccontextmanager
async def wire_to(database_url: str) -> AsyncIterator[Wire]:
    wire = Wire()
    wire.alive.set()
    parts = urlsplit(database_url)
    tasks: set[asyncio.Task[None]] = set()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(cast("asyncio.Task[None]", asyncio.current_task()))
        writers = [writer]
        try:
            await wire.count()
            directory = parse_qs(parts.query).get("host")
            if directory:
                server_reader, server_writer = await asyncio.open_unix_connection(f"{directory[0]}/.s.PGSQL.5432")
            else:
                server_reader, server_writer = await asyncio.open_connection(parts.hostname, parts.port or 5432)
            writers.append(server_writer)
            await asyncio.gather(wire.pass_on(reader, server_writer), wire.pass_on(server_reader, writer))
        except asyncio.CancelledError:
            pass
        finally:
            for each in writers:
                each.close()
            for each in writers:
                with suppress(ConnectionError):
                    await each.wait_closed()

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    user = f"{parts.username}@" if parts.username else ""
    wire.url = urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{port}", query="sslmode=disable"))
    try:
        yield wire
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
