"""Holds thousands of open connections, in a process of its own.

    python -m bench.load.connections URL POPULATION

Reads commands from standard input, each a line of JSON with the name of a method of `Commands` and its arguments, and
answers each with a line of JSON. Connections come from 40 loopback addresses, so that limits per address are those of
40 clients.
"""

import asyncio
import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import uvloop

from bench.load.clients import Client, EventStream, Kept, Server, SlowReader, Socket
from bench.load.percentiles import percentiles

ADDRESSES = 40
# Connections, and those of scenarios.
DESCRIPTORS = 14_000
# Handshakes at a time: more would only wait in the accept queue.
CONCURRENT = 100
READY_SECONDS = 60.0
# As graphql-ws waits by default before it connects again.
RETRY_SECONDS = (0.3, 3.0)
CHANGE_SECONDS = 30.0


class Commands:
    """What the process can do. `learners`: those with open streams come first."""

    def __init__(self, server: Server, learners: list[dict[str, Any]], review: str) -> None:
        self._server = server
        self._learners = learners
        self._review = review
        self._addresses = cycle(f"127.0.1.{number}" for number in range(1, ADDRESSES + 1))
        self._numbers: Counter[str] = Counter()
        self._clients: dict[str, list[Client]] = {}

    async def open(self, kind: str, number: int, seconds: float = 0) -> dict[str, Any]:
        """Open connections, evenly within the seconds or as fast as possible, and wait until they are ready."""
        return await self._connect([self._build(kind) for _ in range(number)], seconds)

    async def status(self) -> dict[str, Any]:
        clients = [client for group in self._clients.values() for client in group]
        return {
            "open": {kind: sum(client.is_open for client in group) for kind, group in self._clients.items()},
            "lost": {kind: sum(client.is_lost for client in group) for kind, group in self._clients.items()},
            "events": sum(client.events for client in clients),
        }

    async def reconnect(self, numbers: dict[str, int], seconds: float) -> dict[str, Any]:
        """Abort connections of these kinds, and open as many again within the seconds."""
        fresh = []
        for kind, number in numbers.items():
            group = self._clients[kind]
            for client in group[:number]:
                client.abort()
            del group[:number]
            self._numbers[kind] -= number
            fresh += [self._build(kind) for _ in range(number)]
        random.shuffle(fresh)
        await asyncio.sleep(1)
        return await self._connect(fresh, seconds)

    async def read_slowly(self, number: int) -> dict[str, Any]:
        """Request large responses and do not read them."""
        readers = [SlowReader(self._server, "", next(self._addresses)) for _ in range(number)]
        self._clients["slow"] = list(readers)
        async with asyncio.timeout(READY_SECONDS):
            await asyncio.gather(*(reader.start() for reader in readers))
        return {"open": sum(reader.is_open for reader in readers)}

    async def notify(self, number: int) -> dict[str, Any]:
        """Open sockets of one learner, change a card once, and return how late the sockets are notified."""
        learner = self._learners[-1]
        sockets = [Socket(self._server, learner["token"], next(self._addresses)) for _ in range(number)]
        self._clients["notified"] = list(sockets)
        opened = await self._connect(sockets, 0)
        before = [socket.events for socket in sockets]
        review = {"cardId": learner["cards"][0], "quality": 4, "idempotencyKey": str(uuid4())}
        writer = Kept(self._server, learner["token"], next(self._addresses))
        writer.body = json.dumps({"query": self._review, "variables": {"input": {"reviews": [review]}}}).encode()
        changed_at = time.monotonic()
        await self._connect([writer], 0)
        written = time.monotonic() - changed_at
        deadline = time.monotonic() + CHANGE_SECONDS
        while time.monotonic() < deadline:
            if all(socket.events > events for socket, events in zip(sockets, before, strict=True)):
                break
            await asyncio.sleep(0.05)
        # Later events may follow: a delay is that of the first one.
        delays = [
            (socket.event_times[events] - changed_at) * 1000
            for socket, events in zip(sockets, before, strict=True)
            if socket.events > events
        ]
        return {
            "opened": opened,
            "notified": len(delays),
            "afterMs": percentiles(delays),
            "mutationMs": round(written * 1000, 1),
            "eventsOfASocket": round(sum(socket.events - 1 for socket in sockets) / number, 2),
        }

    async def close(self, kinds: list[str]) -> dict[str, Any]:
        for kind in kinds:
            clients = self._clients.pop(kind, [])
            self._numbers[kind] = 0
            for client in clients:
                client.abort()
        return {}

    def _build(self, kind: str) -> Client:
        build: Callable[[Server, str, str], Client] = {"kept": Kept, "sockets": Socket, "events": EventStream}[kind]
        # A learner has one stream of each kind.
        token = self._learners[self._numbers[kind] % len(self._learners)]["token"]
        self._numbers[kind] += 1
        client = build(self._server, token, next(self._addresses))
        self._clients.setdefault(kind, []).append(client)
        return client

    async def _connect(self, clients: list[Any], seconds: float) -> dict[str, Any]:
        slots, started_at = asyncio.Semaphore(CONCURRENT), time.monotonic()
        failed: Counter[str] = Counter()
        ready_after = []

        async def connect(number: int, client: Client) -> None:
            delay = started_at + number * seconds / len(clients) - time.monotonic()
            await asyncio.sleep(delay)
            began_at = time.monotonic()
            while time.monotonic() < began_at + READY_SECONDS:
                try:
                    async with asyncio.timeout(READY_SECONDS):
                        await client.start()
                        await client.ready()
                except (OSError, EOFError) as error:
                    failed[f"{type(error).__name__}: {error}"[:100]] += 1
                    await asyncio.sleep(random.uniform(*RETRY_SECONDS))
                else:
                    ready_after.append((time.monotonic() - began_at) * 1000)
                    return

        async def connect_in_turn(number: int, client: Client) -> None:
            async with slots:
                await connect(number, client)

        each = connect if seconds else connect_in_turn
        await asyncio.gather(*(each(number, client) for number, client in enumerate(clients)))
        return {
            "ready": len(ready_after),
            "of": len(clients),
            "readyAfterMs": percentiles(ready_after),
            "seconds": round(time.monotonic() - started_at, 2),
            "retries": failed.total(),
            "failures": dict(failed.most_common(5)),
        }


def streaming_first(population: dict[str, Any]) -> list[dict[str, Any]]:
    """The learners, so that the first ones are those whose reviews cause events."""
    learners = population["learners"]
    first = population["streaming"]
    others = set(range(len(learners))) - set(first)
    return [learners[number] for number in (*first, *sorted(others))]


async def main(url: str, population: dict[str, Any]) -> None:
    address = urlsplit(url)
    assert address.hostname is not None
    assert address.port is not None
    server = Server(address.hostname, address.port, address.path)
    commands = Commands(server, streaming_first(population), population["queries"][0])
    while line := await asyncio.to_thread(sys.stdin.readline):
        name, arguments = json.loads(line)
        print(json.dumps(await getattr(commands, name)(**arguments)), flush=True)


def raise_descriptor_limit() -> None:
    """Allow this process, and those that it starts, as many open files as the user may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < DESCRIPTORS:
        sys.exit(f"{DESCRIPTORS} open files are needed, {hard} are allowed: ulimit -n")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    raise_descriptor_limit()
    uvloop.run(main(sys.argv[1], json.loads(Path(sys.argv[2]).read_text())))
