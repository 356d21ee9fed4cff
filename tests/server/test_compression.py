"""Compression of responses with gzip, and its headers."""

import asyncio
import gzip
import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from server.graphql import response_cache
from server.http import compression
from server.http.compression import FAST_LEVEL, MIN_BYTES, accepts_gzip
from server.http.responses import BytesResponse
from tests.clients import Client, client_of

LONG = "{ books(first: 50) { nodes { id title author description } } }"
SHORT = "{ jlptContentStats { jlptLevel } }"
UPDATE = "mutation($input: UpdateBookInput!) { updateBook(input: $input) { errors { message } } }"


async def raw(client: Client, method: str, url: str, accept_encoding: str | None, **more: Any) -> httpx.Response:
    """The response, with its undecoded body in `extensions`."""
    headers = {"Accept-Encoding": accept_encoding or "", **more.pop("headers", {})}
    request = client.http.build_request(method, url, headers=headers, **more)
    if accept_encoding is None:
        del request.headers["Accept-Encoding"]
    async with asyncio.timeout(30):
        response = await client.http.send(request, stream=True)
        sent = b"".join([chunk async for chunk in response.aiter_raw()])
    response.extensions["sent"] = sent
    if response.headers.get("Content-Encoding") == "gzip":
        response.extensions["body"] = gzip.decompress(sent) if sent else b""
    else:
        assert "Content-Encoding" not in response.headers
        response.extensions["body"] = sent
    return response


def sizes(response: httpx.Response) -> tuple[int, int]:
    return len(response.extensions["sent"]), len(response.extensions["body"])


async def get(client: Client, query: str, accept_encoding: str | None, **headers: str) -> httpx.Response:
    sent = {"GraphQL-Require-Preflight": "1"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return await raw(client, "GET", "/graphql", accept_encoding, params={"query": query}, headers=sent)


async def post(client: Client, query: str, accept_encoding: str | None, **headers: str) -> httpx.Response:
    return await raw(client, "POST", "/graphql", accept_encoding, json={"query": query}, headers=headers)


Way = Callable[..., Awaitable[httpx.Response]]


@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("deflate , gzip ; q=0.001", True),
        ("*", True),
        ("*;q=0.5", True),
        ("identity;q=0.5, gzip;q=0.5", True),
        ("identity;q=0, gzip", True),
        ("gzip" + ", x" * 500, True),
        ("gzip;q=0", False),
        ("gzip;q=0.0", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("gzip;q=nonsense", False),
        ("gzip;q=nan", False),
        ("gzip;q=-1", False),
        ("identity, gzip;q=0.5", False),
        ("identity", False),
        ("br", False),
        ("xgzip", False),
        ("", False),
        (None, False),
    ],
)
def test_accept_encoding_is_parsed_as_rfc_9110(accept_encoding: str | None, expected: bool) -> None:
    assert accepts_gzip(accept_encoding) is expected


class TestGraphQLResponses:
    """GraphQL responses, executed and cached."""

    @pytest.mark.parametrize("way", [get, post])
    @pytest.mark.parametrize("user", [None, "demo"])
    async def test_long_responses_are_compressed_on_request(self, client: Client, way: Way, user: str | None) -> None:
        headers = {} if user is None else {"Authorization": f"Bearer {client.token(user)}"}
        for _ in range(3):
            plain = await way(client, LONG, None, **headers)
            packed = await way(client, LONG, "gzip", **headers)
            assert "Content-Encoding" not in plain.headers
            assert packed.headers["Content-Encoding"] == "gzip"
            assert packed.extensions["body"] == plain.extensions["body"]
            assert sizes(packed)[0] < sizes(packed)[1] / 2
            for response in (plain, packed):
                assert int(response.headers["Content-Length"]) == sizes(response)[0]
                assert "Accept-Encoding" in response.headers["Vary"].split(", ")
            for name in ("Content-Type", "Cache-Control"):
                assert plain.headers[name] == packed.headers[name]

    @pytest.mark.parametrize("way", [get, post])
    async def test_short_responses_are_not_compressed(self, client: Client, way: Way) -> None:
        for _ in range(3):
            response = await way(client, SHORT, "gzip")
            assert "Content-Encoding" not in response.headers
            assert sizes(response)[1] < MIN_BYTES
            assert "Accept-Encoding" in response.headers["Vary"].split(", ")

    async def test_long_errors_are_compressed_too(self, client: Client) -> None:
        response = await post(client, "{ " + " ".join(f"ghost{number}" for number in range(50)) + " }", "gzip")
        assert response.headers["Content-Encoding"] == "gzip"
        assert len(json.loads(response.extensions["body"])["errors"]) == 50
        assert "Accept-Encoding" in response.headers["Vary"]

    async def test_etags_match_across_codings(self, client: Client) -> None:
        plain, packed = await get(client, LONG, None), await get(client, LONG, "gzip")
        assert packed.headers["ETag"] == "W/" + plain.headers["ETag"]
        for known in (plain.headers["ETag"], packed.headers["ETag"]):
            for accept_encoding, same in ((None, plain), ("gzip", packed)):
                response = await get(client, LONG, accept_encoding, If_None_Match=known)
                assert (response.status_code, sizes(response)) == (304, (0, 0))
                # Headers that update the client's stored response.
                for name in ("ETag", "Vary", "Cache-Control"):
                    assert response.headers[name] == same.headers[name]
                assert "Content-Encoding" not in response.headers

    @pytest.mark.parametrize("accept", ["text/event-stream", "multipart/mixed"])
    async def test_streams_are_never_compressed(self, client: Client, accept: str) -> None:
        response = await post(client, LONG, "gzip", Accept=accept)
        assert response.status_code == 200
        assert "Content-Encoding" not in response.headers
        assert sizes(response)[0] > MIN_BYTES


class TestResponseCache:
    """Cached responses are compressed once for the same values."""

    @pytest.fixture
    def compressions(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """Records the sizes of bodies that are compressed for the response cache."""
        found: list[int] = []
        original = compression.gzip_body

        async def compress_and_record(body: bytes, level: int = FAST_LEVEL) -> bytes:
            found.append(len(body))
            return await original(body, level)

        monkeypatch.setattr(response_cache, "gzip_body", compress_and_record)
        return found

    async def test_response_is_compressed_once(
        self, writable_database_url: str, redis_url: str, compressions: list[int]
    ) -> None:
        async with client_of(writable_database_url, redis_url) as client:
            first = await post(client, LONG, None)
            for _ in range(5):
                assert (await post(client, LONG, "gzip")).extensions["body"] == first.extensions["body"]
                assert (await post(client, LONG, None)).extensions["sent"] == first.extensions["body"]
            assert compressions == [len(first.extensions["body"])]
            [book, *_] = json.loads(first.extensions["body"])["data"]["books"]["nodes"]
            change = {"id": book["id"], "expectedVersion": 1, "title": "Another title"}
            assert (await client.run(UPDATE, {"input": change}, user="editor")).data["updateBook"]["errors"] == []
            for _ in range(5):
                assert b"Another title" in (await post(client, LONG, "gzip")).extensions["body"]
            assert len(compressions) == 2

    async def test_nothing_is_compressed_without_accept_encoding(
        self, writable_database_url: str, redis_url: str, compressions: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> bytes:
            raise AssertionError("nobody asked for it")

        monkeypatch.setattr(compression, "compress", fail)
        async with client_of(writable_database_url, redis_url) as client:
            for accept_encoding in (None, "identity", "gzip;q=0", "br"):
                for _ in range(3):
                    assert (await post(client, LONG, accept_encoding)).status_code == 200
        assert compressions == []

    async def test_compressed_responses_are_charged(
        self, writable_database_url: str, redis_url: str, compressions: list[int]
    ) -> None:
        """If the cache has no room for the compressed response, each request compresses it."""
        async with client_of(writable_database_url, redis_url, response_cache_bytes=5_500) as client:
            plain = await post(client, LONG, None)
            assert sizes(plain)[1] > 5_500
            for _ in range(4):
                # The second and the fourth are not hits.
                assert (await post(client, LONG, "gzip")).extensions["body"] == plain.extensions["body"]
        assert len(compressions) == 2


class TestThreads:
    @pytest.fixture
    def threads(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Records the names of the threads that compress."""
        found: list[str] = []
        original = compression.compress

        def noting(body: bytes, level: int) -> bytes:
            found.append(threading.current_thread().name)
            return original(body, level)

        monkeypatch.setattr(compression, "compress", noting)
        return found

    @pytest.mark.parametrize(("size", "in_thread"), [(100_000, False), (5_000_000, True)])
    async def test_long_bodies_are_compressed_in_threads(self, threads: list[str], size: int, in_thread: bool) -> None:
        app = BytesResponse(b"x" * size, 200, [])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
            async with asyncio.timeout(60):
                responses = await asyncio.gather(
                    *(http.get("/", headers={"Accept-Encoding": "gzip"}) for _ in range(5))
                )
        assert {response.text for response in responses} == {"x" * size}
        assert len(threads) == 5
        assert all(name.startswith("gzip") is in_thread for name in threads)
        # The number of threads is bounded.
        assert len(set(threads)) <= 2


class TestOtherPaths:
    @pytest.mark.parametrize("path", ["/schema.graphql", "/metrics"])
    async def test_text_is_compressed_on_request(self, client: Client, path: str) -> None:
        # Metrics, to have a long body.
        await post(client, LONG, None)
        plain, packed = await raw(client, "GET", path, None), await raw(client, "GET", path, "gzip")
        assert packed.headers["Content-Encoding"] == "gzip"
        assert sizes(packed)[0] < sizes(packed)[1] / 2
        assert sizes(plain)[0] == sizes(plain)[1]
        assert "Accept-Encoding" in packed.headers["Vary"]
        if path == "/schema.graphql":
            assert plain.extensions["body"] == packed.extensions["body"]
            assert packed.headers["ETag"] == "W/" + plain.headers["ETag"]
            head = await raw(client, "HEAD", path, "gzip")
            for name in ("Content-Length", "Content-Encoding", "ETag", "Vary"):
                assert head.headers[name] == packed.headers[name]
            assert sizes(head)[0] == 0

    async def test_exports_are_compressed_once(self, client: Client) -> None:
        headers = {"Authorization": f"Bearer {client.token('demo')}"}
        plain = await raw(client, "GET", "/exports/cards.csv", "identity", headers=headers)
        packed = await raw(client, "GET", "/exports/cards.csv", "gzip, deflate", headers=headers)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.extensions["body"] == plain.extensions["body"]
