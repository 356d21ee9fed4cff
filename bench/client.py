"""An HTTP connection that does as little as it can: a benchmark's client shares its machine with the server."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Connection:
    """POSTs JSON to one URL. `head`: of all requests, up to their length."""

    def __init__(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._head = head
        self._reader = reader
        self._writer = writer

    async def post_all(self, bodies: Iterator[bytes]) -> None:
        """The next one after each answer, until none is left. Raises RuntimeError for an answer with errors."""
        for body in bodies:
            self._writer.write(b"%bContent-Length: %d\r\n\r\n%b" % (self._head, len(body), body))
            head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
            answer = await self._reader.readexactly(int(head.split(b"\r\ncontent-length:")[1].split(b"\r\n")[0]))
            if not head.startswith(b"http/1.1 200") or answer.startswith(b'{"errors"'):
                raise RuntimeError(answer.decode())


@asynccontextmanager
async def connected(url: str, token: str) -> AsyncIterator[Connection]:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = (
        f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Content-Type: application/json\r\nAuthorization: Bearer {token}\r\n"
    )
    try:
        yield Connection(head.encode(), reader, writer)
    finally:
        writer.close()
