"""Duplicates of headers that identify the client or the target are rejected: a proxy might use the other one."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from server.http.single_headers import SINGLE_HEADERS
from tests.streams import StreamServer, stream_server

QUERY = b'{"query": "{ viewer { user { displayName } } }"}'
ONCE = [("Host", "localhost"), ("Content-Type", "application/json"), ("Content-Length", str(len(QUERY)))]
HANDSHAKE = [
    ("Host", "localhost"),
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Protocol", "graphql-transport-ws"),
]
PATHS = ("/graphql", "/schema.graphql", "/exports/reviews.csv", "/healthz", "/metrics", "/nowhere")


@pytest.fixture(scope="module")
async def server(content_database_url: str, redis_url: str) -> AsyncIterator[StreamServer]:
    async with stream_server(content_database_url, redis_url) as server:
        yield server


async def exchange(
    server: StreamServer, line: str, headers: Sequence[tuple[str, str]], body: bytes = b""
) -> tuple[int, dict[str, str], Any]:
    """The status, headers and body of the response to a raw request."""
    host, _, port = server.address.partition(":")
    async with asyncio.timeout(60):
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
            writer.write(f"{line} HTTP/1.1\r\n{lines}\r\n".encode() + body)
            head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
            found = {name.lower(): value.strip() for name, _, value in (part.partition(":") for part in head[1:-1])}
            content = await reader.readexactly(int(found.get("content-length", 0)))
            return int(head[0].split()[1]), found, content
        finally:
            writer.close()


async def assert_refused(name: str, answered: tuple[int, dict[str, str], Any]) -> None:
    status, headers, content = answered
    [error] = json.loads(content)["errors"]
    assert status == 400
    assert name in error["message"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "requestId": headers["x-request-id"]}


@pytest.mark.parametrize("path", PATHS)
async def test_duplicate_tokens_are_rejected_on_every_route(server: StreamServer, path: str) -> None:
    tokens = [("Authorization", f"Bearer {server.client.token(subject)}") for subject in ("demo", "editor")]
    for both in (tokens, tokens[::-1], [tokens[0], ("authorization", "")]):
        await assert_refused("Authorization", await exchange(server, f"GET {path}", [("Host", "localhost"), *both]))


@pytest.mark.parametrize("name", [name.decode().title() for name in SINGLE_HEADERS if name != b"content-length"])
async def test_duplicate_single_headers_are_rejected(server: StreamServer, name: str) -> None:
    twice = [(name, "1"), *[header for header in ONCE if header[0] != name], (name, "2")]
    await assert_refused(name, await exchange(server, "POST /graphql", twice, QUERY))


async def test_duplicate_content_length_is_a_bad_request(server: StreamServer) -> None:
    status, _, _ = await exchange(server, "POST /graphql", [*ONCE, ONCE[-1]], QUERY)
    assert status == 400


@pytest.mark.parametrize("name", ["Authorization", "Host", "Origin"])
async def test_handshake_with_duplicate_headers_is_rejected(
    server: StreamServer, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    twice = [header for header in HANDSHAKE if header[0] != name] + [(name, "1"), (name, "2")]
    status, headers, content = await exchange(server, "GET /graphql", twice)
    # The WebSocket library rejects duplicates of some headers itself.
    assert (status, headers.get("upgrade")) == (400, None)
    assert name in content.decode()
    # Bad requests are not logged as errors.
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_list_headers_may_be_split(server: StreamServer) -> None:
    split = [*ONCE, ("Accept", "application/json"), ("Accept", "*/*"), ("Via", "1.1 a"), ("Via", "1.1 b")]
    status, _, content = await exchange(server, "POST /graphql", split, QUERY)
    assert (status, json.loads(content)) == (200, {"data": {"viewer": None}})


@pytest.mark.parametrize("host", ["evil.example", "evil.example/x", "localhost"])
@pytest.mark.parametrize("path", ["/graphql/", "/healthz/", "/schema.graphql/", "/exports/reviews.csv/", "/graphiql"])
async def test_redirects_do_not_use_the_host_header(server: StreamServer, path: str, host: str) -> None:
    status, headers, _ = await exchange(server, f"GET {path}?query=%7Ba%7D", [("Host", host)])
    if path == "/graphql/":
        assert (status, headers["location"]) == (307, "/graphql?query=%7Ba%7D")
    else:
        assert (status, headers.get("location")) == (404, None)


@pytest.mark.parametrize("method", ["POST", "QUERY"])
async def test_trailing_slash_is_redirected_for_every_method_of_operations(server: StreamServer, method: str) -> None:
    status, headers, _ = await exchange(server, f"{method} /graphql/", ONCE, QUERY)
    # Clients repeat the request with its method and body.
    assert (status, headers["location"]) == (307, "/graphql")
