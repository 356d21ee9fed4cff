"""Limits of documents: their length on every transport, and the number of new ones."""

import asyncio
import hashlib
import json
import threading
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from common.executors import DOCUMENTS
from tests.clients import Client, client_of
from tests.requests import codes, get, post
from tests.streams import StreamServer, socket_of, stream_server

MAX_BYTES = 2_000


@pytest.fixture(scope="module")
async def server(content_database_url: str, redis_url: str) -> AsyncIterator[StreamServer]:
    async with stream_server(content_database_url, redis_url, max_query_bytes=MAX_BYTES) as server:
        yield server


def document(length: int, selection: str = "{ __typename }") -> str:
    text = f"{selection} #{uuid4().hex}"
    return text + "x" * (length - len(text))


def named(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(text.encode()).hexdigest()}}


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
@pytest.mark.parametrize("selection", ["{ __typename }", "subscription { myJobs { id } }", "not GraphQL"])
async def test_longer_document_is_rejected_before_parsing(server: StreamServer, accept: str, selection: str) -> None:
    client = server.client
    for length, is_refused in ((MAX_BYTES, False), (MAX_BYTES + 1, True)):
        text = document(length, selection)
        for extensions in (None, named(text)):
            body = {"query": text, "extensions": extensions}
            answered = await client.http.post("/graphql", json=body, headers={"Accept": accept})
            assert (answered.status_code == 413) is is_refused
            assert (codes(answered) == ["DOCUMENT_TOO_LARGE"]) is is_refused
            by_get = await get(client, text, extensions=extensions, Accept=accept)
            assert (by_get.status_code == 413) is is_refused
        if is_refused:
            assert answered.json()["errors"][0]["message"] == "Document of 2001 bytes exceeds the limit of 2000."
            # It was not registered as a persisted query, either.
            assert codes(await post(client, None, named(text))) == ["PERSISTED_QUERY_NOT_FOUND"]


@pytest.mark.parametrize("accept", ["text/event-stream", 'multipart/mixed;subscriptionSpec="1.0"'])
async def test_longer_document_is_rejected_on_sse(server: StreamServer, accept: str) -> None:
    body = {"query": document(MAX_BYTES + 1, "subscription { myJobs { id } }")}
    async with asyncio.timeout(60):
        answered = await server.client.http.post("/graphql", json=body, headers={"Accept": accept})
    assert answered.status_code == 200
    assert '"DOCUMENT_TOO_LARGE"' in answered.text


async def test_longer_document_is_rejected_on_websocket(server: StreamServer) -> None:
    async with asyncio.timeout(60), socket_of(server.address, None) as socket:
        for length, code in ((MAX_BYTES + 1, "DOCUMENT_TOO_LARGE"), (MAX_BYTES, None)):
            await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": document(length)}}))
            answered = json.loads(await socket.recv())
            if code is not None:
                assert answered["type"] == "error"
                assert answered["payload"][0]["extensions"]["code"] == code
            else:
                assert answered["payload"] == {"data": {"__typename": "Query"}}


async def send(client: Client, text: str, user: str | None) -> httpx.Response:
    headers = {} if user is None else {"Authorization": f"Bearer {client.token(user)}"}
    return await client.http.post("/graphql", json={"query": text}, headers=headers)


@pytest.mark.parametrize("has_redis", [True, False])
async def test_new_documents_are_limited_per_client(
    writable_database_url: str, redis_url: str, has_redis: bool
) -> None:
    url = redis_url if has_redis else None
    async with client_of(writable_database_url, url, max_new_documents=3) as client:
        texts = [document(100) for _ in range(5)]
        # A repeated document counts once.
        for text in (*texts[:3], *texts[:3]):
            assert codes(await send(client, text, "first")) == []
        refused = await send(client, texts[3], "first")
        assert (refused.status_code, codes(refused)) == (429, ["RATE_LIMITED"])
        message = refused.json()["errors"][0]["message"]
        assert message.startswith("3 new documents in 10 minutes can be sent by a client")
        assert 0 < refused.json()["errors"][0]["extensions"]["retryAfter"] <= 600
        assert codes(await send(client, texts[0], "first")) == []
        # Limits are per client, and documents of others are not new.
        assert codes(await send(client, texts[3], "second")) == []
        assert codes(await send(client, texts[3], "first")) == []
        assert codes(await send(client, texts[4], "first")) == ["RATE_LIMITED"]


async def test_invalid_documents_are_counted(writable_database_url: str) -> None:
    async with client_of(writable_database_url, None, max_new_documents=2) as client:
        found = [codes(await send(client, text, "first")) for text in ("{", "{ ghost }", "{ ghost2 }", "{ ghost }")]
    assert found == [
        ["GRAPHQL_PARSE_FAILED"],
        ["GRAPHQL_VALIDATION_FAILED"],
        ["RATE_LIMITED"],
        ["GRAPHQL_VALIDATION_FAILED"],
    ]


async def test_waiting_documents_are_limited_per_client(writable_database_url: str) -> None:
    gate = threading.Event()
    async with stream_server(writable_database_url, None, max_waiting_documents_per_client=1) as server:
        client, documents = server.client, server.app.state.documents
        texts = [document(2_000) for _ in range(5)]
        DOCUMENTS.submit(gate.wait, 60)
        try:
            # One is parsed, and one waits.
            sending = [asyncio.create_task(send(client, text, "first")) for text in texts[:2]]
            async with asyncio.timeout(60):
                while documents.waiting < 2:  # noqa: ASYNC110  # there is no event for it
                    await asyncio.sleep(0.01)
            refused = await send(client, texts[2], "first")
            # The viewer and the address are different clients.
            sending += [asyncio.create_task(send(client, texts[3], "second"))]
            sending += [asyncio.create_task(send(client, texts[4], None))]
            async with asyncio.timeout(60):
                while documents.waiting < 4:  # noqa: ASYNC110  # there is no event for it
                    await asyncio.sleep(0.01)
        finally:
            gate.set()
        assert (refused.status_code, codes(refused)) == (429, ["RATE_LIMITED"])
        assert refused.headers["Retry-After"] == "1"
        assert [codes(response) for response in await asyncio.gather(*sending)] == [[]] * 4
        assert codes(await send(client, texts[2], "first")) == []
        counted = (await client.http.get("/metrics")).text
    assert 'shinjp_new_documents_refused_total{limit="client"} 1.0' in counted


async def test_metrics_count_documents(content_database_url: str) -> None:
    async with client_of(content_database_url, None, max_new_documents=2) as client:
        for text in (document(100), document(2_000), document(100)):
            await send(client, text, None)
        lines = (await client.http.get("/metrics")).text.splitlines()
    for line in (
        "shinjp_cached_documents 2.0",
        "shinjp_documents_waiting 0.0",
        'shinjp_new_documents_total{where="event loop"} 1.0',
        'shinjp_new_documents_total{where="thread"} 1.0',
        'shinjp_rate_limited_total{limit="new-document"} 1.0',
    ):
        assert line in lines
