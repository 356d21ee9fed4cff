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
from itertools import count, cycle
from typing import Any
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


class Connection:
    """A keep-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, url: str) -> "Connection":
        address = urlsplit(url)
        return cls(*await asyncio.open_connection(address.hostname, address.port))

    async def post(self, token: str) -> int:
        """The status of the response."""
        self._writer.write(
            b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer %b\r\nContent-Length: %d\r\n\r\n%b" % (token.encode(), len(BODY), BODY)
        )
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        await self._reader.readexactly(int(head.split(b"\r\ncontent-length:")[1].split(b"\r\n")[0]))
        return int(head[9:12])

    def close(self) -> None:
        self._writer.transport.abort()


async def closed_loop(url: str, tokens: list[str], connections: int, seconds: float) -> Counter[int]:
    """Statuses. Each connection sends the next request after a response, and waits 0.2 s after a rejection."""
    statuses: Counter[int] = Counter()
    deadline = time.monotonic() + seconds
    names = cycle(tokens)

    async def requests() -> None:
        connection = await Connection.open(url)
        while time.monotonic() < deadline:
            status = await connection.post(next(names))
            statuses[status] += 1
            if status != 200:
                await asyncio.sleep(0.2)
        connection.close()

    await asyncio.gather(*(requests() for _ in range(connections)))
    return statuses


async def open_loop(free: list[Connection], tokens: list[str], rate: float, seconds: float) -> Counter[int]:
    """Statuses of requests at a constant rate; 0: not sent, because all connections wait for responses."""
    statuses: Counter[int] = Counter()
    names, tasks = cycle(tokens), set()
    started_at = time.monotonic()

    async def request(connection: Connection) -> None:
        statuses[await connection.post(next(names))] += 1
        free.append(connection)

    for number in count():
        due = number / rate
        if due > seconds:
            break
        if (wait := started_at + due - time.monotonic()) > 0.001:
            await asyncio.sleep(wait)
        elif number % 20 == 0:
            await asyncio.sleep(0)
        if free:
            tasks.add(task := asyncio.create_task(request(free.pop())))
            task.add_done_callback(tasks.discard)
        else:
            statuses[0] += 1
    await asyncio.gather(*tasks)
    for connection in free:
        connection.close()
    return statuses


async def latencies(url: str, token: str, seconds: float) -> dict[str, Any]:
    """In milliseconds, of a request every 50 ms."""
    connection = await Connection.open(url)
    found, statuses = [], Counter[int]()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        started_at = time.perf_counter()
        statuses[await connection.post(token)] += 1
        found.append((time.perf_counter() - started_at) * 1000)
        await asyncio.sleep(0.05)
    connection.close()
    return summary(found) | {"statuses": dict(statuses)}


async def _measure(url: str, pid: int, max_connections: int) -> dict[str, Any]:
    tokens = [token(f"viewer-{number}") for number in range(VIEWERS)]
    await closed_loop(url, tokens, 8, 2.0)
    before = cpu_seconds(pid)
    answers = (await closed_loop(url, tokens, 16, SECONDS))[200]
    capacity, answer = answers / SECONDS, (cpu_seconds(pid) - before) / answers
    connections = [await Connection.open(url) for _ in range(max_connections)]
    before = cpu_seconds(pid)
    overloaded = await open_loop(connections, tokens, capacity * OVERLOAD, SECONDS)
    goodput, busy = overloaded[200] / SECONDS, cpu_seconds(pid) - before
    useful = overloaded[200] * answer
    await asyncio.sleep(2)
    alone = await latencies(url, tokens[0], SECONDS)
    flood = asyncio.create_task(closed_loop(url, [token("flood")], PARALLEL, SECONDS + 2))
    await asyncio.sleep(1)
    loaded = await latencies(url, tokens[0], SECONDS)
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
