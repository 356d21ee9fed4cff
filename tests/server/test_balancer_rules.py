"""The rules of `deploy/haproxy.cfg`: what is repeated on another server, and what is forwarded."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from tests.haproxy import CONFIGURATION, HAProxy, haproxy, needs_haproxy
from tests.servers import running_app

pytestmark = needs_haproxy


@dataclass
class Breaking:
    """Servers that close connections before they respond to requests, until `left` of them were."""

    left: int = 0
    received: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != "/readyz":
            body = (await receive())["body"]
            self.received.append(f"{scope['method']} {body.decode()}")
            if self.left:
                self.left -= 1
                scope["state"]["break"]()
                return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        content = json.dumps(headers).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": content})


@dataclass
class Balanced:
    app: Breaking
    balancer: HAProxy
    client: httpx.AsyncClient
    servers: list[str]


@pytest.fixture
async def balanced(tmp_path: Path) -> AsyncIterator[Balanced]:
    app = Breaking()

    async def breakable(scope: Scope, receive: Receive, send: Send) -> None:
        def reset() -> None:
            for server in servers:
                for connection in server.server.server_state.connections:
                    cycle = getattr(connection, "cycle", None)
                    if cycle is not None and cycle.scope is scope:
                        connection.transport.abort()

        await app({**scope, "state": {"break": reset}}, receive, send)

    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(running_app(breakable, lifespan="off")) for _ in range(4)]
        balancer = await stack.enter_async_context(haproxy(tmp_path / "log", [server.address for server in servers]))
        client = httpx.AsyncClient(base_url=f"http://{balancer.address}", timeout=30)
        addresses = [server.address for server in servers]
        yield Balanced(app, balancer, await stack.enter_async_context(client), addresses)


def test_configuration_is_valid() -> None:
    done = subprocess.run(["haproxy", "-c", "-f", CONFIGURATION], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


@pytest.mark.parametrize("method", ["GET", "HEAD", "QUERY"])
async def test_request_that_may_be_repeated_is(balanced: Balanced, method: str) -> None:
    balanced.app.left = 2
    response = await balanced.client.request(method, "/graphql", content=b"" if method == "HEAD" else b"x")
    assert response.status_code == 200
    assert len(balanced.app.received) == 3
    assert len(set(balanced.app.received)) == 1


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "a"}], ids=["without a key", "with a key"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_other_requests_reach_one_server(balanced: Balanced, method: str, headers: dict[str, str]) -> None:
    """The server does not read the key: a repeated mutation would be executed twice."""
    balanced.app.left = 1
    response = await balanced.client.request(method, "/graphql", content=b"x", headers=headers)
    assert response.status_code == 502
    assert balanced.app.received == [f"{method} x"]


async def connection_with_an_answer(balancer: HAProxy) -> asyncio.StreamWriter | None:
    """An open connection; None if it was rejected."""
    try:
        reader, writer = await asyncio.open_connection(*balancer.host_and_port)
        writer.write(b"GET /graphql HTTP/1.1\r\nHost: test\r\n\r\n")
        if (await asyncio.wait_for(reader.read(100), 30)).startswith(b"HTTP/1.1 200"):
            return writer
        writer.close()
    except ConnectionError:
        pass
    return None


async def test_connections_of_an_address_are_limited(
    balanced: Balanced, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHINJP_MAX_CONNECTIONS_PER_ADDRESS", "3")
    async with haproxy(tmp_path / "limited", balanced.servers) as balancer:
        opened = [await connection_with_an_answer(balancer) for _ in range(5)]
        assert [writer is not None for writer in opened] == [True, True, True, False, False]
        # A closed connection counts no longer.
        assert opened[0] is not None
        opened[0].close()
        async with asyncio.timeout(30):
            while (another := await connection_with_an_answer(balancer)) is None:  # noqa: ASYNC110  # HAProxy does not notify
                await asyncio.sleep(0.05)
        for writer in (*opened[1:3], another):
            assert writer is not None
            writer.close()


async def test_paths_and_headers_of_operators_are_not_forwarded(balanced: Balanced) -> None:
    # The server decodes paths.
    for path in ("/metrics", "/readyz", "/%6detrics", "/metrics?", "/readyz?verbose", "/r%65ad%79z"):
        assert (await balanced.client.get(path)).status_code == 404
    spoofed = {"X-Forwarded-For": "192.0.2.1", "Forwarded": "for=192.0.2.1", "Host": "api.example"}
    forwarded = (await balanced.client.get("/graphql?signature=secret", headers=spoofed)).json()
    assert forwarded["x-forwarded-for"] == "127.0.0.1"
    assert forwarded["host"] == "api.example"
    assert "forwarded" not in forwarded
    log = await asyncio.to_thread(balanced.balancer.log.read_text)
    assert "GET /graphql\n" in log
    assert "secret" not in log


@pytest.mark.parametrize(
    ("accept", "backend"),
    [
        ("application/json", "servers"),
        # A query with @defer, which ends soon.
        ("multipart/mixed;deferSpec=20220824,application/json", "servers"),
        ('multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json', "streams"),
        ("text/event-stream", "streams"),
    ],
)
async def test_streams_are_counted_separately(balanced: Balanced, accept: str, backend: str) -> None:
    await balanced.client.post("/graphql", content=b"x", headers={"Accept": accept})
    log = await asyncio.to_thread(balanced.balancer.log.read_text)
    assert f" {backend}/" in log.splitlines()[-1]
