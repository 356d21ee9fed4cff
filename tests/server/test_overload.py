"""During overload, requests are rejected before the application is called, except those with cached responses."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from server.app import create_app
from server.http.admission import Admission, AdmissionClient
from server.http.cors import cors_headers
from server.http.early_rejection import EarlyRejection
from server.http.origins import Origins
from server.http.overload import Overload
from server.observability.error_log import limit_counts
from server.transport.state import HttpState
from tests.clients import settings_of
from tests.requests import codes
from tests.server.test_protocol import Echo, Setup, answers
from tests.servers import running_app

BODY = b'{"query": "{ books { nodes { id } } }"}'
POST = b"POST /graphql HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
CLOSE = b"GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
ORIGIN = "https://app.example"


@dataclass
class Rejecting:
    """Rejects everything below `/graphql` whose body is not `cached`."""

    cached: bytes = b""
    bodies: list[bytes | None] = field(default_factory=list)

    def may_reject(self, scope: MutableMapping[str, Any]) -> bool:
        return str(scope["path"]).startswith("/graphql")

    def reject(self, _scope: MutableMapping[str, Any], body: bytes | None) -> EarlyRejection | None:
        self.bodies.append(body)
        if self.cached and body == self.cached:
            return None
        return EarlyRejection(((b"content-length", b"8"), (b"retry-after", b"1")), b"rejected")


@asynccontextmanager
async def rejecting(early: Rejecting) -> AsyncIterator[Setup]:
    app, http = Echo(), HttpState()
    http.early_rejections = early
    async with running_app(app, http, lifespan="off") as server:
        yield Setup(app, http, server.host_and_port[1])


async def converse(setup: Setup, *requests: bytes) -> list[tuple[int, dict[str, str], bytes]]:
    """Send each request after the response to the one before, on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", setup.port)
    received = []
    async with asyncio.timeout(60):
        for request in requests:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            received += answers(head + await reader.readexactly(length))
    writer.close()
    return received


async def statuses(setup: Setup, *requests: bytes) -> list[int]:
    return [status for status, _, _ in await converse(setup, *requests)]


async def test_connection_is_reused_after_a_rejection() -> None:
    early = Rejecting()
    async with rejecting(early) as setup:
        received = await converse(setup, POST, POST.replace(b"POST", b"GET"), CLOSE)
        assert [status for status, _, _ in received] == [503, 503, 200]
        _, headers, body = received[0]
        assert (headers["retry-after"], body) == ("1", b"rejected")
        assert "date" in headers
        assert (setup.app.paths, early.bodies[0]) == (["/healthz"], BODY)


async def test_rejection_of_head_has_no_body() -> None:
    """Its client would take a body for the start of the next response."""
    async with rejecting(Rejecting()) as setup:
        reader, writer = await asyncio.open_connection("127.0.0.1", setup.port)
        writer.write(b"HEAD /graphql HTTP/1.1\r\nHost: test\r\n\r\n")
        async with asyncio.timeout(60):
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(CLOSE)
            assert b"content-length: 8\r\n" in head
            assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        writer.close()


async def test_only_cached_responses_are_served() -> None:
    other = POST.replace(b"books", b"kanji")
    async with rejecting(Rejecting(cached=BODY)) as setup:
        assert await statuses(setup, POST, other, POST, CLOSE) == [200, 503, 200, 200]
        # Requests behind others are left to the application.
        pipelined = answers(await setup.exchange([other + POST + other + CLOSE]))
        assert [status for status, _, _ in pipelined] == [503, 200, 200, 200]


@pytest.mark.parametrize("length", range(0, len(POST), 17))
async def test_body_that_has_not_arrived_is_discarded(length: int) -> None:
    """However the request is split, there is one response, and the rest of the body is no request."""
    async with rejecting(Rejecting()) as setup:
        reader, writer = await asyncio.open_connection("127.0.0.1", setup.port)
        writer.write(POST[:length])
        # Not merged with the rest.
        await asyncio.sleep(0.001)
        writer.write(POST[length:] + CLOSE)
        async with asyncio.timeout(60):
            found = [status for status, _, _ in answers(await reader.read())]
        writer.close()
        assert (found, setup.app.paths) == ([503, 200], ["/healthz"])


@pytest.mark.parametrize("framing", [b"Content-Length: 22000000", b"Transfer-Encoding: chunked"])
async def test_rejection_before_a_large_body_announces_the_close(framing: bytes) -> None:
    async with rejecting(Rejecting()) as setup:
        [(status, headers, _)] = await converse(setup, b"POST /graphql HTTP/1.1\r\n" + framing + b"\r\n\r\n")
        assert (status, headers["connection"]) == (503, "close")


@pytest.mark.parametrize("origin", [None, ORIGIN, "https://other.example"])
@pytest.mark.parametrize("connection", ["keep-alive", "close"])
async def test_rejection_is_the_same_whether_it_was_built_before(origin: str | None, connection: str) -> None:
    """Byte for byte, for each method and kind of response, also when the date changes."""
    admission, tasks = Admission(8), AsyncExitStack()
    await fill(admission, tasks)
    http = HttpState()
    client = AdmissionClient("client", signed_in=False)
    http.early_rejections = Overload(
        ("/graphql",), admission, lambda _: client, lambda *_: False, Origins(frozenset((ORIGIN,)))
    )
    lines = [f"Host: test\r\nConnection: {connection}\r\nContent-Length: {len(BODY)}"]
    lines += [] if origin is None else [f"Origin: {origin}"]
    headers = "\r\n".join(lines)
    requests = [
        f"{method} /graphql HTTP/1.1\r\nAccept: {accept}\r\n{headers}\r\n\r\n".encode() + BODY
        for method in ("POST", "GET", "QUERY")
        for accept in ("application/json", "text/event-stream", "multipart/mixed")
    ]
    async with tasks, running_app(Echo(), http, lifespan="off") as server:
        for date in (b"Fri, 27 Nov 2026 20:45:10 GMT", b"Fri, 27 Nov 2026 20:45:11 GMT"):
            expected = _rejection(date, origin, connection)
            for request in [*requests, *requests]:
                reader, writer = await asyncio.open_connection(*server.host_and_port)
                http.default_headers = [(b"date", date)]
                writer.write(request)
                async with asyncio.timeout(60):
                    received = await reader.readexactly(len(expected))
                writer.close()
                # The server may have set the date meanwhile.
                assert re.sub(rb"date: [^\r]*", b"date: " + date, received) == expected


def _rejection(date: bytes, origin: str | None, connection: str) -> bytes:
    body = (
        b'{"errors":[{"message":"The server has too many operations; please retry.","extensions":'
        b'{"code":"SERVICE_UNAVAILABLE","retryAfter":1,"limit":"MAX_RUNNING_OPERATIONS"}}]}'
    )
    lines = [
        b"HTTP/1.1 503 Service Unavailable",
        b"date: " + date,
        b"content-type: application/json; charset=utf-8",
        b"content-length: %d" % len(body),
        b"retry-after: 1",
        b"cache-control: no-store",
    ]
    if origin == ORIGIN:
        lines += [b"%b: %b" % header for header in cors_headers(origin.encode())]
    if connection == "close":
        lines.append(b"connection: close")
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


async def test_last_request_of_a_connection_closes_it() -> None:
    async with rejecting(Rejecting()) as setup:
        close = POST.replace(b"Host: test", b"Host: test\r\nConnection: close")
        received = answers(await setup.exchange([close]))
        assert [(status, headers["connection"]) for status, headers, _ in received] == [(503, "close")]
        # The server stops.
        setup.http.is_stopping = True
        received = answers(await setup.exchange([POST]))
        assert [(status, headers["connection"]) for status, headers, _ in received] == [(503, "close")]


async def test_full_server_serves_cached_responses(content_database_url: str) -> None:
    settings = settings_of(content_database_url, None, allowed_origins=ORIGIN, max_running_operations=8)
    http = HttpState()
    app = create_app(settings, http)
    cached = {"query": "{ jlptContentStats { bookCount } }"}
    async with (
        running_app(app, http) as server,
        httpx.AsyncClient(base_url=f"http://{server.address}", timeout=60) as client,
        AsyncExitStack() as operations,
    ):
        for _ in range(2):
            assert (await client.post("/graphql", json=cached)).status_code == 200
        early = http.early_rejections
        assert isinstance(early, Overload)
        await fill(early._admission, operations)
        before = limit_counts()["MAX_RUNNING_OPERATIONS"]
        new = {"query": "{ __typename }"}
        response = await client.post("/graphql", json=new, headers={"Origin": ORIGIN})
        assert (response.status_code, codes(response)) == (503, ["SERVICE_UNAVAILABLE"])
        assert response.headers["Retry-After"] == "1"
        # A page of an allowed origin can read when to retry.
        assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
        response = await client.get("/graphql", params=new, headers={"Origin": "https://other.example"})
        assert (response.status_code, response.headers.get("Access-Control-Allow-Origin")) == (503, None)
        assert limit_counts()["MAX_RUNNING_OPERATIONS"] == before + 2
        assert (await client.post("/graphql", json=cached)).json()["data"]["jlptContentStats"]
        # Neither an operation, nor its preflight request.
        assert (await client.get("/healthz")).status_code == 200
        preflight = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
        assert (await client.options("/graphql", headers=preflight)).status_code == 200
        await operations.aclose()
        assert json.loads((await client.post("/graphql", json=new)).content)["data"]


async def fill(admission: Admission, operations: AsyncExitStack) -> None:
    """Take all slots, with another operation that waits until the stack is closed."""
    for number in range(8):
        await operations.enter_async_context(admission.slot(AdmissionClient(f"running {number}", signed_in=True)))
    waiting = asyncio.create_task(admission.enter(AdmissionClient("waiting", signed_in=True)))
    operations.callback(waiting.cancel)
    await asyncio.sleep(0)
    # A slot becomes free every minute; the one that waits is not rejected meanwhile.
    admission._interval = 60
    assert admission._tick is not None
    admission._tick.cancel()
