"""Cross-origin requests: trusted origins on every transport, and CORS."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from itertools import product
from typing import Any, ClassVar
from urllib.parse import quote

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.clients import Client, client_of
from tests.streams import StreamServer, stream_server

ALLOWED = "https://app.example"
STRANGE = "https://elsewhere.example"
UNKNOWN = (STRANGE, "null", None)
QUERY = "{ __typename }"
PATH = f"/graphql?query={quote(QUERY)}"
SSE = "text/event-stream"
MULTIPART = 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"'

# Origins, and whether a server at api.example:8000 that allows ALLOWED trusts them.
ORIGINS = {
    None: True,
    ALLOWED: True,
    "http://api.example:8000": True,
    # A proxy terminates TLS and keeps the port.
    "https://api.example:8000": True,
    "http://API.example:8000": True,
    "http://api.example": False,
    "http://api.example:8001": False,
    "http://api.example:80000000": False,
    "ftp://api.example:8000": False,
    "https://app.example.evil.example": False,
    "https://app.example:444": False,
    "http://app.example": False,
    "https://APP.example": False,
    "https://elsewhere.example": False,
    "http://localhost:5173": False,
    "null": False,
    "": False,
    "app.example": False,
    "https://[": False,
}


@pytest.fixture(scope="module")
async def production(content_database_url: str, redis_url: str) -> AsyncIterator[Client]:
    settings = {"environment": "production", "allowed_origins": (ALLOWED,), "introspection": True}
    async with client_of(content_database_url, redis_url, **settings) as client:
        yield client


@pytest.fixture(scope="module")
async def server(content_database_url: str, redis_url: str) -> AsyncIterator[StreamServer]:
    settings = {"environment": "production", "allowed_origins": (ALLOWED,)}
    async with stream_server(content_database_url, redis_url, **settings) as server:
        yield server


async def sent_raw(address: str, request: str) -> tuple[int, str]:
    """The status and the body of the response to a raw request."""
    host, _, port = address.partition(":")
    async with asyncio.timeout(60):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request.replace("\n", "\r\n").encode("latin-1"))
        received = (await reader.read()).decode()
        writer.close()
    head, _, body = received.partition("\r\n\r\n")
    return int(head.split()[1]), body


class TestTransports:
    """All transports trust the same origins."""

    @pytest.mark.parametrize(("origin", "trusted"), ORIGINS.items())
    @pytest.mark.parametrize("accept", ["application/json", SSE, MULTIPART])
    async def test_get_requires_trusted_origin(
        self, production: Client, origin: str | None, trusted: bool, accept: str
    ) -> None:
        headers = {"Host": "api.example:8000", "Accept": accept} | ({} if origin is None else {"Origin": origin})
        response = await production.http.get(PATH, headers=headers)
        assert response.status_code == (200 if trusted else 403)
        if trusted:
            assert '"__typename":"Query"' in response.text
        else:
            assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert response.headers.get("Access-Control-Allow-Origin") == (ALLOWED if origin == ALLOWED else None)
        assert "Origin" in response.headers["Vary"]

    @pytest.mark.parametrize(("origin", "trusted"), ORIGINS.items())
    async def test_websocket_requires_trusted_origin(
        self, server: StreamServer, origin: str | None, trusted: bool
    ) -> None:
        if origin is not None:
            origin = re.sub("api.example:8000", server.address, origin, flags=re.IGNORECASE)
        options: dict[str, Any] = {"subprotocols": [Subprotocol("graphql-transport-ws")], "open_timeout": 20}
        url = f"ws://{server.address}/graphql"
        if trusted:
            async with connect(url, origin=None if origin is None else Origin(origin.lower()), **options) as socket:
                assert socket.subprotocol == "graphql-transport-ws"
            return
        headers = {"Origin": origin or ""}
        with pytest.raises(InvalidStatus, match="403"):
            async with connect(url, additional_headers=headers, **options):
                pass

    @pytest.mark.parametrize("version", ["1.0", "1.1"])
    @pytest.mark.parametrize("origin", [None, ALLOWED, "https://elsewhere.example", "null", "http://api.example"])
    async def test_host_may_be_missing(self, server: StreamServer, version: str, origin: str | None) -> None:
        lines = [f"GET {PATH} HTTP/{version}", "Connection: close"] + ([f"Origin: {origin}"] if origin else [])
        status, body = await sent_raw(server.address, "\n".join(lines) + "\n\n")
        assert status == (200 if origin in (None, ALLOWED) else 403), body
        assert json.loads(body)

    @pytest.mark.parametrize("path", [PATH, "/schema.graphql", "/exports/reviews.csv", "/graphql", "/exports/files/x"])
    @pytest.mark.parametrize("host", ["[", "[::1", "a:b", "a b", "\xff", "", "x" * 5_000])
    @pytest.mark.parametrize("accept", ["*/*", "text/html"])
    async def test_host_may_be_anything(self, server: StreamServer, path: str, host: str, accept: str) -> None:
        request = f"GET {path} HTTP/1.1\nHost: {host}\nOrigin: http://x\nAccept: {accept}\nConnection: close\n\n"
        assert (await sent_raw(server.address, request))[0] < 500

    @pytest.mark.parametrize("path", ["/graphql", "/schema.graphql", "/exports/reviews.csv", "/healthz"])
    async def test_query_string_may_be_any_bytes(self, server: StreamServer, path: str) -> None:
        for query in ("query=\xff", "query=%FF", "&&=&", "query", "%"):
            for accept in ("*/*", "text/html"):
                request = f"GET {path}?{query} HTTP/1.1\nHost: x\nAccept: {accept}\nConnection: close\n\n"
                assert (await sent_raw(server.address, request))[0] < 500


class TestPreflighted:
    """Requests that browsers send cross-origin only after a preflight are accepted from any origin."""

    HEADERS: ClassVar = {
        "Authorization": ("Bearer x", ""),
        "GraphQL-Require-Preflight": ("1",),
        "Apollo-Require-Preflight": ("true",),
        "X-Apollo-Operation-Name": ("A",),
        "Content-Type": ("application/json", "application/json; charset=utf-8", "text/plain2", "Application/X"),
    }

    @pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in HEADERS.items() for value in values])
    @pytest.mark.parametrize("origin", UNKNOWN)
    async def test_get_with_a_header_that_is_not_simple(
        self, production: Client, origin: str | None, name: str, value: str
    ) -> None:
        headers = {name: value, "Sec-Fetch-Site": "cross-site"} | ({} if origin is None else {"Origin": origin})
        response = await production.http.get(PATH, headers=headers)
        assert response.status_code == (401 if name == "Authorization" else 200)
        assert "Access-Control-Allow-Origin" not in response.headers

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("X", "1"),
            ("Accept", "application/json"),
            *(
                ("Content-Type", value)
                for value in (
                    "text/plain", "Text/Plain; charset=utf-8", "application/x-www-form-urlencoded", "",
                    "multipart/form-data; boundary=x", "text/plain, application/json", "json", "multipart/form-data;",
                )
            ),
            # A browser adds these without a preflight, for a proxy that requires a password.
            ("Authorization", "Basic eDp5"),
            ("Authorization", "negotiate x"),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize(("origin", "site"), [*product(UNKNOWN, ("cross-site", "same-site")), (STRANGE, None)])
    async def test_get_with_simple_header_is_rejected(
        self, production: Client, origin: str | None, site: str | None, name: str, value: str
    ) -> None:
        given = {"Origin": origin, "Sec-Fetch-Site": site, name: value}
        headers = {name: value for name, value in given.items() if value is not None}
        assert (await production.http.get(PATH, headers=headers)).status_code == 403

    @pytest.mark.parametrize(
        ("content_type", "status"),
        [("text/plain", 415), ("application/x-www-form-urlencoded", 415), ("multipart/form-data", 403)],
    )
    async def test_post_without_preflight_is_rejected_unread(
        self, production: Client, content_type: str, status: int
    ) -> None:
        """Of these, the server accepts forms, with the header that causes a preflight."""
        headers = {"Content-Type": content_type, "Origin": STRANGE}
        response = await production.http.post("/graphql", content=json.dumps({"query": QUERY}), headers=headers)
        assert response.status_code == status


class TestCors:
    """Allowed origins may send any header and read every response; other origins read none."""

    ASKED = (
        "authorization,content-type,apollographql-client-version,traceparent,tracestate,baggage,sentry-trace,"
        "x-anything-at-all"
    )

    @pytest.mark.parametrize("path", ["/graphql", "/schema.graphql", "/exports/cards.csv"])
    @pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS"])
    async def test_preflight_allows_any_header_to_allowed_origins(
        self, production: Client, path: str, method: str
    ) -> None:
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": self.ASKED}
        for origin in (ALLOWED, STRANGE):
            response = await production.http.options(path, headers={"Origin": origin, **asked})
            assert "Origin" in response.headers["Vary"]
            assert response.headers.get("Access-Control-Allow-Origin") == (origin if origin == ALLOWED else None)
            assert response.status_code == (200 if origin == ALLOWED else 400)
            if origin == ALLOWED:
                allowed = response.headers["Access-Control-Allow-Headers"].lower().split(",")
                assert {name.strip() for name in allowed} >= set(self.ASKED.split(","))
                assert method in response.headers["Access-Control-Allow-Methods"].split(", ")
                assert int(response.headers["Access-Control-Max-Age"]) >= 600
                assert "Access-Control-Allow-Credentials" not in response.headers

    async def test_preflight_rejects_other_methods(self, production: Client) -> None:
        headers = {"Origin": ALLOWED, "Access-Control-Request-Method": "PUT"}
        assert (await production.http.options("/graphql", headers=headers)).status_code == 400

    @pytest.mark.parametrize("origin", [ALLOWED, STRANGE])
    @pytest.mark.parametrize(
        ("method", "path", "headers", "content", "status"),
        [
            ("POST", "/graphql", {}, b'{"query": "{ __typename }"}', 200),
            ("POST", "/graphql", {"Accept": SSE}, b'{"query": "{ __typename }"}', 200),
            ("POST", "/graphql", {"Accept": SSE}, b'{"query": "{ ghost }"}', 200),
            ("POST", "/graphql", {"Accept": "application/graphql-response+json"}, b'{"query": "{"}', 400),
            ("POST", "/graphql", {"Authorization": "Bearer x"}, b'{"query": "{ __typename }"}', 401),
            ("POST", "/graphql", {}, b"{", 400),
            ("POST", "/graphql", {}, b" " * 2_000_001, 413),
            ("POST", "/graphql", {"Content-Type": "text/plain"}, b"{}", 415),
            ("POST", "/graphql", {"Accept": "image/png"}, b"{}", 406),
            ("PUT", "/graphql", {}, b"{}", 405),
            ("GET", "/exports/reviews.csv", {}, b"", 401),
            ("GET", "/exports/nothing.csv", {"Authorization": "Bearer x"}, b"", 401),
            ("GET", "/nothing", {}, b"", 404),
            ("DELETE", "/schema.graphql", {}, b"", 405),
            ("GET", "/schema.graphql", {}, b"", 200),
            ("GET", "/readyz", {}, b"", 200),
        ],
    )
    async def test_every_response_is_readable_by_allowed_origins_only(
        self,
        production: Client,
        origin: str,
        method: str,
        path: str,
        headers: dict[str, str],
        content: bytes,
        status: int,
    ) -> None:
        sent = {"Content-Type": "application/json", "Origin": origin} | headers
        response = await production.http.request(method, path, content=content, headers=sent)
        assert response.status_code == status
        assert response.headers.get("Access-Control-Allow-Origin") == (ALLOWED if origin == ALLOWED else None)
        assert response.headers.get_list("Vary", split_commas=True).count("Origin") == 1
        exposed = response.headers["Access-Control-Expose-Headers"].split(", ")
        assert {"X-Request-Id", "ETag", "Content-Disposition", "Retry-After", "Age"} <= set(exposed)
        assert "X-Request-Id" in response.headers

    @pytest.mark.parametrize("path", [PATH, "/readyz", "/exports/reviews.csv"])
    async def test_internal_errors_are_readable(
        self, production: Client, monkeypatch: pytest.MonkeyPatch, path: str
    ) -> None:
        def fail(*_: object) -> None:
            raise ZeroDivisionError("a secret of ours")

        for name in (
            "server.graphql.endpoint.parse_get",
            "resolvers.health.Health.check",
            "server.rest.exports._parse_request",
        ):
            monkeypatch.setattr(name, fail)
        headers = {"Origin": ALLOWED, "Authorization": f"Bearer {production.token('demo')}"}
        response = await production.http.get(path, headers=headers)
        assert response.status_code == 500
        [error] = response.json()["errors"]
        assert error["extensions"] == {
            "code": "INTERNAL_SERVER_ERROR",
            "requestId": response.headers["X-Request-Id"],
        }
        assert "secret" not in response.text
        assert response.headers["Access-Control-Allow-Origin"] == ALLOWED
        assert response.headers["Cache-Control"] == "no-store"

    async def test_responses_vary_by_origin_also_without_one(self, production: Client) -> None:
        for path in (PATH, "/schema.graphql", "/healthz", "/nothing"):
            response: httpx.Response = await production.http.get(path)
            assert response.headers.get_list("Vary", split_commas=True).count("Origin") == 1
            assert "Access-Control-Allow-Origin" not in response.headers

    async def test_development_lets_localhost_read(self, client: Client) -> None:
        for origin in ("http://localhost:5173", "http://127.0.0.1:3000", "http://[::1]:8080", "https://a.localhost"):
            response = await client.http.get(PATH, headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"})
            assert response.status_code == 200
            assert response.headers["Access-Control-Allow-Origin"] == origin
