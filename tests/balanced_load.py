"""Requests at a constant rate, and subscribers, through a load balancer."""

import asyncio
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
from websockets.exceptions import ConnectionClosed

from tests.balancer import Upstream
from tests.review_assertions import REVIEW, answer
from tests.streams import DASHBOARD, MY_JOBS, SSE, WEBSOCKET, stream

_BOOKS = "{ books(first: 3) { nodes { title } } }"
_VIEWER = "{ viewer { dashboard { dueNow reviewsToday } } }"
# Has no idempotency key: the client does not repeat it, and it fails if a server ends before it responds.
_EXPORT = "mutation { requestExport(input: {kind: CARDS, format: CSV}) { job { id } errors { code } } }"
# Repeated in this order: reads by all methods, and writes.
_KINDS = (*("GET", "QUERY", "POST", "GET") * 4, "review")
_REQUESTS_PER_EXPORT = 500
_MAX_CONCURRENT = 400
_CLIENT_RETRIES = 3


@dataclass
class Load:
    """`target`: host and port. `cards`: of the learner with this token.

    `failures`: requests that may be repeated, and had no valid response.
    """

    target: tuple[str, int]
    token: str
    cards: list[str]
    failures: list[str] = field(default_factory=list)
    # Of a mutation without an idempotency key, which is not repeated.
    failed_exports: list[str] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    saved_keys: set[str] = field(default_factory=set)
    exports: int = 0
    duration: float = 0
    # Reviews that were saved by an attempt whose response was lost.
    duplicates: int = 0

    async def run(self, rate: int, stopped: asyncio.Event) -> None:
        """Send requests at this rate, whatever their duration, until `stopped` is set. Wait for their responses."""
        upstream = Upstream(self.target)
        started_at, numbers = time.monotonic(), itertools.count()
        running: set[asyncio.Task[None]] = set()
        try:
            while not stopped.is_set():
                due = int((time.monotonic() - started_at) * rate) - sum(self.sent.values()) - len(running)
                for number in itertools.islice(numbers, max(0, min(due, _MAX_CONCURRENT - len(running)))):
                    task = asyncio.create_task(self._send(upstream, number))
                    running.add(task)
                    task.add_done_callback(running.discard)
                await asyncio.sleep(0.01)
            if running:
                await asyncio.wait(running)
            self.duration = time.monotonic() - started_at
        finally:
            upstream.close()

    async def _send(self, upstream: Upstream, number: int) -> None:
        kind = "export" if number % _REQUESTS_PER_EXPORT == 0 else _KINDS[number % len(_KINDS)]
        key = f"{kind}-{number}"
        sent_at = time.monotonic()
        try:
            request = self._request(kind, number, key)
            response = await upstream.exchange(request)
            for _ in range(_CLIENT_RETRIES if kind in ("POST", "review") else 0):
                if not response.startswith(b"HTTP/1.1 502"):
                    break
                # The client knows that it may; HAProxy does not.
                response = await upstream.exchange(request)
        except (OSError, EOFError) as error:
            self._fail(kind, f"{key}: {error!r}")
        else:
            self._check(kind, key, response)
        self.seconds.append(time.monotonic() - sent_at)
        self.sent[kind] += 1

    def _request(self, kind: str, number: int, key: str) -> bytes:
        authorization = f"Authorization: Bearer {self.token}"
        match kind:
            case "GET":
                return _http("GET", f"/graphql?query={quote(_BOOKS)}", "GraphQL-Require-Preflight: 1")
            case "QUERY":
                return _http("QUERY", "/graphql", body={"query": _BOOKS})
            case "POST":
                content: dict[str, Any] = {"query": _VIEWER}
            case "review":
                reviews = [answer(self.cards[number % len(self.cards)], key)]
                content = {"query": REVIEW, "variables": {"input": {"reviews": reviews}}}
            case _:
                return _http("POST", "/graphql", authorization, body={"query": _EXPORT})
        return _http("POST", "/graphql", authorization, body=content)

    def _check(self, kind: str, key: str, response: bytes) -> None:
        head, _, content = response.partition(b"\r\n\r\n")
        body = json.loads(content) if head.startswith(b"HTTP/1.1 200") else {}
        if "data" not in body or "errors" in body:
            self._fail(kind, f"{key}: {response[:300].decode(errors='replace')}")
        elif kind == "review":
            [result] = body["data"]["reviewCards"]["results"]
            if result["error"] is None:
                self.saved_keys.add(key)
                self.duplicates += result["duplicate"]
            else:
                self._fail(kind, f"{key}: {result['error']}")
        elif kind == "export":
            # Rejected while five are unfinished.
            self.exports += not body["data"]["requestExport"]["errors"]

    def _fail(self, kind: str, failure: str) -> None:
        (self.failures if kind != "export" else self.failed_exports).append(failure)

    def percentile(self, percent: int) -> float:
        """The duration of requests, in milliseconds."""
        return sorted(self.seconds)[len(self.seconds) * percent // 100 - 1] * 1000


def _http(method: str, path: str, *headers: str, body: Any = None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: test", *headers]
    if content:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


@dataclass
class Subscribers:
    """`address`: `host:port`. `closed_at`: times at which the server closed WebSockets for a restart."""

    address: str
    tokens: list[str]
    closed_at: list[float] = field(default_factory=list)
    reconnects: int = 0
    # Of server-sent events, in the order of arrival.
    event_ids: list[int] = field(default_factory=list)

    async def read_sockets(self, number: int) -> None:
        async with asyncio.TaskGroup() as tasks:
            for token in itertools.islice(itertools.cycle(self.tokens), number):
                tasks.create_task(self._read_socket(token))

    async def _read_socket(self, token: str) -> None:
        for attempt in itertools.count():
            self.reconnects += attempt > 0
            try:
                async with stream(self.address, WEBSOCKET, DASHBOARD, token=token) as events:
                    async for event in events:
                        assert event.data["dashboardUpdated"]
            except ConnectionClosed as closed:
                if closed.rcvd is not None and closed.rcvd.code == 1012:
                    self.closed_at.append(time.monotonic())
                    continue
            except (OSError, EOFError):
                pass
            # As graphql-ws waits by default after a connection was lost.
            await asyncio.sleep(random.uniform(0.3, 3))

    async def read_events(self) -> None:
        """The changes of all jobs of the first learner, resumed after the last event."""
        last_id = "0"
        while True:
            with suppress(httpx.TransportError):
                async with stream(self.address, SSE, MY_JOBS, token=self.tokens[0], last_event_id=last_id) as events:
                    async for event in events:
                        assert event.id is not None
                        last_id = event.id
                        self.event_ids.append(int(last_id))
            self.reconnects += 1


def bursts(times: list[float], gap: float = 3.0) -> Iterator[list[float]]:
    """Groups of times without a longer gap."""
    burst: list[float] = []
    for moment in sorted(times):
        if burst and moment - burst[-1] > gap:
            yield burst
            burst = []
        burst.append(moment)
    if burst:
        yield burst
