"""A way to a PostgreSQL that is shut at first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit, urlunsplit


class Gate:
    """`url` leads through it. While it is not `open`, what is sent waits, but for the first connection's."""

    def __init__(self) -> None:
        self.url = ""
        self.open = asyncio.Event()
        self._connections = 0
        self._changed = asyncio.Condition()

    async def until_connected(self, times: int) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._connections >= times)

    async def enter(self) -> None:
        async with self._changed:
            self._connections += 1
            self._changed.notify_all()
            is_first = self._connections == 1
        if not is_first:
            await self.open.wait()


@asynccontextmanager
async def gate_to(database_url: str) -> AsyncIterator[Gate]:
    gate = Gate()
    parts = urlsplit(database_url)

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        try:
            await gate.enter()
            directory = parse_qs(parts.query).get("host")
            if directory:
                server_reader, server_writer = await asyncio.open_unix_connection(f"{directory[0]}/.s.PGSQL.5432")
            else:
                server_reader, server_writer = await asyncio.open_connection(parts.hostname, parts.port or 5432)
            writers.append(server_writer)
            await asyncio.gather(_pass_on(reader, server_writer), _pass_on(server_reader, writer))
        finally:
            for each in writers:
                each.close()
            for each in writers:
                with suppress(ConnectionError):
                    await each.wait_closed()

    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(connect(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    user = f"{parts.username}@" if parts.username else ""
    gate.url = urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{port}", query="sslmode=disable"))
    try:
        yield gate
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()
