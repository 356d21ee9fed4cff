"""A load balancer with readiness checks and keep-alive connections, which never retries a request."""

import asyncio
import itertools
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import NamedTuple

# The interval of readiness checks: the longest time until a stopping server is detected.
CHECK_SECONDS = 0.5
# Less than the server's five: the side that closes an idle connection must be this one.
IDLE_SECONDS = 2.0


class Wire(NamedTuple):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    idle_since: float


@dataclass
class Upstream:
    """A server. `address`: host and port."""

    address: tuple[str, int]
    is_ready: bool = False
    answered: int = 0
    pool: deque[Wire] = field(default_factory=deque)

    async def exchange(self, request: bytes) -> bytes:
        """The complete response. Raises OSError or EOFError if the connection fails first."""
        loop = asyncio.get_running_loop()
        while self.pool:
            wire = self.pool.pop()
            if loop.time() - wire.idle_since < IDLE_SECONDS and not wire.reader.at_eof():
                break
            wire.writer.close()
        else:
            wire = Wire(*await asyncio.open_connection(*self.address), 0)
        try:
            wire.writer.write(request)
            head = await wire.reader.readuntil(b"\r\n\r\n")
            body = await wire.reader.readexactly(length_of(head))
        except BaseException:
            wire.writer.close()
            raise
        if b"connection: close" in head.lower():
            wire.writer.close()
        else:
            self.pool.append(wire._replace(idle_since=loop.time()))
        self.answered += 1
        return head + body

    async def check(self) -> None:
        try:
            self.is_ready = (await self.exchange(b"GET /readyz HTTP/1.1\r\nHost: test\r\n\r\n")).startswith(
                b"HTTP/1.1 200"
            )
        except (OSError, EOFError):
            self.is_ready = False

    def close(self) -> None:
        for wire in self.pool:
            wire.writer.close()


@dataclass
class Balancer:
    """`outcomes`: number of requests by status; 502 if the connection failed, 503 if no server was ready."""

    port: int = 0
    upstreams: list[Upstream] = field(default_factory=list)
    outcomes: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    _turn: "itertools.count[int]" = field(default_factory=itertools.count)

    async def check(self) -> None:
        while True:
            await asyncio.gather(*(upstream.check() for upstream in self.upstreams))
            await asyncio.sleep(CHECK_SECONDS)

    async def until_ready(self, upstream: Upstream) -> None:
        async with asyncio.timeout(30):
            while not upstream.is_ready:  # noqa: ASYNC110  # the checks send no event
                await asyncio.sleep(CHECK_SECONDS)

    async def answer(self, request: bytes) -> bytes:
        ready = [upstream for upstream in self.upstreams if upstream.is_ready]
        if not ready:
            self.outcomes[503] += 1
            return b"HTTP/1.1 503 No Server\r\ncontent-length: 0\r\n\r\n"
        upstream = ready[next(self._turn) % len(ready)]
        try:
            answer = await upstream.exchange(request)
        except (OSError, EOFError) as error:
            self.outcomes[502] += 1
            self.failures.append(f"{upstream.address}: {error!r}")
            return b"HTTP/1.1 502 No Answer\r\ncontent-length: 0\r\n\r\n"
        self.outcomes[int(answer.split(b" ", 2)[1])] += 1
        return answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(await self.answer(head + await reader.readexactly(length_of(head))))
        writer.close()


def length_of(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


@asynccontextmanager
async def balancing(*addresses: tuple[str, int]) -> AsyncIterator[Balancer]:
    balancer = Balancer(upstreams=[Upstream(address) for address in addresses])
    server = await asyncio.start_server(balancer.serve, "127.0.0.1", 0)
    balancer.port = server.sockets[0].getsockname()[1]
    checking = asyncio.create_task(balancer.check())
    try:
        yield balancer
    finally:
        checking.cancel()
        await asyncio.wait({checking})
        server.close()
        for upstream in balancer.upstreams:
            upstream.close()
