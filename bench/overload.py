"""Goodput at three times the capacity, and the latency of one viewer while another sends 200 requests at a time.

    python -m bench.overload [--connections N]

The server has default settings, except that neither fields are cached nor viewers limited over time. A request is a
page of books with the viewer's progress. Prints JSON: `capacity`, the highest rate of a closed loop with 16
connections, in requests per second; `goodput`, the rate of responses with status 200 at three times that, in an open
loop, and its ratio to the capacity; `processor`, the processor time of the server for a response and for a rejection,
in microseconds, and the share of its time that it spends on responses during overload, which other processes of the
machine change less than rates; `fairness`, the latency of a viewer with and without the other one, in milliseconds.
"""

import argparse
import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Callable
from itertools import count, cycle
from typing import Any, cast
from urllib.parse import urlsplit

import uvloop

from bench.cpu import cpu_seconds
from bench.harness import report, served, summary, token

VIEWERS = 100
SECONDS = 10.0
OVERLOAD = 3.0
PARALLEL = 200
BODY = json.dumps(
    {"query": "{ books(first: 20) { totalCount nodes { id title author description progress { percent } } } }"}
).encode()


class Connection(asyncio.Protocol):
    """A keep-alive connection. `on_status`: is called with the status of each response.

    Without streams and tasks, which would take more of a processor that PostgreSQL shares than the server does.
    """

    def __init__(self) -> None:
        self.on_status: Callable[[int], None] = lambda _: None
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._is_waiting = False

    @property
    def is_closed(self) -> bool:
        """The server closes connections that are idle for some seconds."""
        return self._transport is None or self._transport.is_closing()

    @classmethod
    async def open(cls, url: str) -> "Connection":
        host, _, port = urlsplit(url).netloc.rpartition(":")
        _, connection = await asyncio.get_running_loop().create_connection(cls, host, int(port))
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator or len(body) < int(head.lower().split(b"\r\ncontent-length:")[1].split(b"\r\n")[0]):
            return
        self._received = b""
        self._is_waiting = False
        self.on_status(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._is_waiting:
            self._is_waiting = False
            self.on_status(0)

    def send(self, request: bytes) -> None:
        assert self._transport is not None
        self._is_waiting = True
        self._transport.write(request)

    async def post(self, request: bytes) -> int:
        """The status of the response."""
        response: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.on_status = response.set_result
        self.send(request)
        return await response

    def close(self) -> None:
        assert self._transport is not None
        self._transport.abort()


def request_of(subject: str) -> bytes:
    return (
        b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer %b\r\nContent-Length: %d\r\n\r\n%b" % (token(subject).encode(), len(BODY), BODY)
    )


async def closed_loop(url: str, sent: list[bytes], connections: int, seconds: float) -> Counter[int]:
    """Statuses. Each connection sends the next request after a response, and waits 0.2 s after a rejection."""
    statuses: Counter[int] = Counter()
    deadline = time.monotonic() + seconds
    following = cycle(sent)

    async def requests() -> None:
        connection = await Connection.open(url)
        while time.monotonic() < deadline:
            status = await connection.post(next(following))
            statuses[status] += 1
            if status != 200:
                await asyncio.sleep(0.2)
        connection.close()

    await asyncio.gather(*(requests() for _ in range(connections)))
    return statuses


async def open_loop(free: list[Connection], sent: list[bytes], rate: float, seconds: float) -> Counter[int]:
    """Statuses of requests at a constant rate; 0: without a response, or not sent, because all connections wait."""
    statuses: Counter[int] = Counter()
    following = cycle(sent)
    waiting, answered = 0, asyncio.Event()
    started_at = time.monotonic()

    def count_on(connection: Connection) -> Callable[[int], None]:
        def on_status(status: int) -> None:
            nonlocal waiting
            statuses[status] += 1
            waiting -= 1
            free.append(connection)
            if not waiting:
                answered.set()

        return on_status

    for connection in free:
        connection.on_status = count_on(connection)
    for number in count():
        due = number / rate
        if due > seconds:
            break
        if (wait := started_at + due - time.monotonic()) > 0.001:
            await asyncio.sleep(wait)
        elif number % 20 == 0:
            await asyncio.sleep(0)
        while free and free[-1].is_closed:
            free.pop()
        if free:
            waiting += 1
            free.pop().send(next(following))
        else:
            statuses[0] += 1
    if waiting:
        answered.clear()
        await answered.wait()
    for connection in free:
        connection.close()
    return statuses


async def latencies(url: str, request: bytes, seconds: float) -> dict[str, Any]:
    """In milliseconds, of a request every 50 ms."""
    connection = await Connection.open(url)
    found, statuses = [], Counter[int]()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        started_at = time.perf_counter()
        statuses[await connection.post(request)] += 1
        found.append((time.perf_counter() - started_at) * 1000)
        await asyncio.sleep(0.05)
    connection.close()
    return summary(found) | {"statuses": dict(statuses)}


async def _measure(url: str, pid: int, max_connections: int) -> dict[str, Any]:
    viewers = [request_of(f"viewer-{number}") for number in range(VIEWERS)]
    await closed_loop(url, viewers, 8, 2.0)
    before = cpu_seconds(pid)
    answers = (await closed_loop(url, viewers, 16, SECONDS))[200]
    capacity, answer = answers / SECONDS, (cpu_seconds(pid) - before) / answers
    connections = [await Connection.open(url) for _ in range(max_connections)]
    before = cpu_seconds(pid)
    overloaded = await open_loop(connections, viewers, capacity * OVERLOAD, SECONDS)
    goodput, busy = overloaded[200] / SECONDS, cpu_seconds(pid) - before
    useful = overloaded[200] * answer
    await asyncio.sleep(2)
    alone = await latencies(url, viewers[0], SECONDS)
    flood = asyncio.create_task(closed_loop(url, [request_of("flood")], PARALLEL, SECONDS + 2))
    await asyncio.sleep(1)
    loaded = await latencies(url, viewers[0], SECONDS)
    return {
        "capacity": round(capacity),
        "goodput": {"rate": round(goodput), "ratio": round(goodput / capacity, 3), "statuses": dict(overloaded)},
        "processor": {
            "answerMicroseconds": round(answer * 1e6),
            "rejectionMicroseconds": round((busy - useful) / max(overloaded[503], 1) * 1e6),
            "usefulShare": round(useful / busy, 3),
        },
        "fairness": {"alone": alone, "loaded": loaded, "otherStatuses": dict(await flood)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.overload")
    parser.add_argument("--connections", type=int, default=800)
    arguments = parser.parse_args()
    # Not the processor of the server.
    os.sched_setaffinity(0, {1, *os.sched_getaffinity(0)} - {0})
    # Connections are opened before the first request.
    settings = {"CACHE": "off", "MAX_CONNECTIONS_PER_ADDRESS": "10000", "MAX_CONNECTIONS": "10000"}
    settings["FIRST_BYTE_SECONDS"] = "120"
    with served("--no-worker", **settings) as server:
        os.sched_setaffinity(server.pid, {0})
        report(overload=uvloop.run(_measure(server.url, server.pid, arguments.connections)))


if __name__ == "__main__":
    main()
