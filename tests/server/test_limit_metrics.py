"""Errors name the exceeded limit, and metrics count each limit."""

import asyncio
import json
import re
import threading
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import CapturingLogger
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from common.executors import DOCUMENTS
from domain.request_limits import RequestLimit
from engine.errors import Limit
from server.observability.error_log import limit_counts
from server.rest.export_slots import Slot
from server.settings import Settings
from server.transport import websocket_protocol
from tests.clients import Client, client_of
from tests.engine.hostile_documents import hostile_document
from tests.requests import codes, post
from tests.server.test_interruptions import locked
from tests.streams import DASHBOARD, TRANSPORTS, socket_of, stream_server
from tests.test_security_docs import rows

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "limits.md"
SPREADS = " ".join(f"...F{number}" for number in range(60))
FRAGMENTS = " ".join(f"fragment F{number} on Query {{ a{number}: __typename }}" for number in range(60))
LISTS = " ".join(f"v{number}: vocabulary(first: 100) {{ nodes {{ id meanings reading }} }}" for number in range(9))
# A value of the limit, and a document that exceeds it.
BEYOND: dict[Limit, tuple[Any, str]] = {
    Limit.DOCUMENT_BYTES: (1_024, "{ __typename } #" + "x" * 1_024),
    Limit.TOKENS: (10, "{ a b c d e f g h i j k }"),
    Limit.VALIDATION_WORK: (50_000, hostile_document("two chains of fragments", 3_980)),
    Limit.FIELDS: (50, f"{{ {SPREADS} }} {FRAGMENTS}"),
    Limit.DEPTH: (2, "{ viewer { user { id } } }"),
    Limit.ALIASES: (1, "{ a: __typename b: __typename }"),
    Limit.COST: (10, "{ books(first: 20) { nodes { id } } }"),
    Limit.RESULT_VALUES: (1_000, f"{{ {LISTS} }}"),
    Limit.RESPONSE_BYTES: (64 * 1_024, f"{{ {LISTS} }}"),
}

# Limits of connections and of what arrives before a request: the transport has its own metrics.
OF_CONNECTIONS = {
    "MAX_CONNECTIONS": 'shinjp_http_refused_connections_total{status="503"}',
    "MAX_CONNECTIONS_PER_ADDRESS": 'shinjp_http_refused_connections_total{status="429"}',
    "MAX_HEADER_BYTES": 'shinjp_http_rejected_requests_total{status="431"}',
    "MAX_URL_BYTES": 'shinjp_http_rejected_requests_total{status="414"}',
    "MAX_UNSENT_BYTES": 'shinjp_http_closed_connections_total{reason="unsent_bytes"}',
    "MAX_UNSENT_BYTES_PER_CONNECTION": 'shinjp_http_closed_connections_total{reason="unsent_bytes"}',
    "MAX_UNFINISHED_BYTES": 'shinjp_http_closed_connections_total{reason="unfinished_bytes"}',
}


def documented() -> dict[str, str]:
    found = {}
    for cells in rows(DOCUMENTATION):
        name = re.fullmatch(r"`([A-Z_]+)`", cells[0])
        if name:
            found[name[1]] = cells[2].strip("`")
    return found


def test_every_limit_is_documented_and_a_setting() -> None:
    limits = [*Limit, *RequestLimit]
    assert documented().keys() == {limit.value for limit in limits}
    assert all(limit.value.lower() in Settings.model_fields for limit in limits)
    # The others have tests below.
    others = {Limit.TIME, Limit.WAITING_DOCUMENTS, Limit.WAITING_DOCUMENTS_PER_CLIENT}
    assert BEYOND.keys() == {*Limit} - others


async def test_every_maximum_has_a_metric(content_database_url: str) -> None:
    async with client_of(content_database_url, None) as client:
        metrics = (await client.http.get("/metrics")).text
    settings = {name.upper() for name in Settings.model_fields if name.startswith("max_")}
    counted = {name for name in settings if f'shinjp_exceeded_limits_total{{limit="{name}"}}' in metrics}
    assert len(counted) > 15
    assert settings - counted == OF_CONNECTIONS.keys()
    for sample in OF_CONNECTIONS.values():
        assert f"\n{sample} " in metrics


@pytest.mark.parametrize("limit", BEYOND)
async def test_rejection_is_counted_by_its_limit(content_database_url: str, limit: Limit) -> None:
    value, query = BEYOND[limit]
    settings = {"max_query_aliases": 100} | {limit.value.lower(): value}
    async with client_of(content_database_url, None, cache="off", **settings) as client:
        await check_counted(client, limit, query)


async def test_timeout_is_counted_by_its_limit(writable_database_url: str) -> None:
    async with (
        client_of(writable_database_url, None, cache="off", operation_timeout_seconds=0.3) as client,
        locked(writable_database_url),
    ):
        await check_counted(client, Limit.TIME, "{ books(first: 1) { nodes { id } } }")


async def check_counted(client: Client, limit: Limit, query: str) -> None:
    before = dict(limit_counts())
    # The document cache rejects it again.
    for times in (1, 2):
        response = await post(client, query)
        [error] = response.json()["errors"]
        assert error["extensions"]["code"] == documented()[limit], response.json()
        assert error["extensions"]["limit"] == limit, response.json()
        assert counted_since(before) == {limit: times}
    metrics = (await client.http.get("/metrics")).text
    assert f'shinjp_exceeded_limits_total{{limit="{limit.value}"}} {limit_counts()[limit]:.1f}' in metrics


def counted_since(before: dict[str, int]) -> dict[str, int]:
    return {name: number - before[name] for name, number in limit_counts().items() if number != before[name]}


def check_error(error: dict[str, Any], limit: Limit | RequestLimit) -> None:
    assert error["extensions"]["code"] == documented()[limit], error
    assert error["extensions"]["limit"] == limit, error


async def test_long_body_is_counted(content_database_url: str) -> None:
    async with client_of(content_database_url, None, cache="off", max_body_bytes=1_024) as client:
        before = dict(limit_counts())
        response = await post(client, "{ __typename } #" + "x" * 1_024)
        [error] = response.json()["errors"]
        check_error(error, RequestLimit.BODY_BYTES)
        assert response.status_code == 413
        assert counted_since(before) == {RequestLimit.BODY_BYTES: 1}


async def test_each_stream_beyond_the_limit_of_a_user_is_counted(content_database_url: str, redis_url: str) -> None:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            stream_server(content_database_url, redis_url, max_streams_per_learner=1)
        )
        assert (await anext(await stack.enter_async_context(server.stream(TRANSPORTS[0], DASHBOARD)))).data
        before = dict(limit_counts())
        for number, transport in enumerate(TRANSPORTS, 1):
            async with server.stream(transport, DASHBOARD) as refused:
                body = (await anext(refused)).body
            assert body is not None
            check_error(body["errors"][0], RequestLimit.STREAMS_PER_USER)
            assert counted_since(before) == {RequestLimit.STREAMS_PER_USER: number}


async def test_each_operation_beyond_the_limit_of_a_socket_is_counted(content_database_url: str) -> None:
    async with (
        stream_server(content_database_url, None, max_streams_per_socket=1) as server,
        socket_of(server.address, server.client.token("demo")) as socket,
    ):
        before = dict(limit_counts())
        for id in ("0", "1", "2"):
            await socket.send(json.dumps({"type": "subscribe", "id": id, "payload": {"query": DASHBOARD}}))
            answer = json.loads(await socket.recv())
            if id == "0":
                assert answer["type"] == "next"
            else:
                assert (answer["type"], answer["id"]) == ("error", id)
                check_error(answer["payload"][0], RequestLimit.STREAMS_PER_SOCKET)
                assert counted_since(before) == {RequestLimit.STREAMS_PER_SOCKET: int(id)}


@pytest.mark.parametrize("is_compressed", [False, True])
async def test_long_message_is_counted(
    content_database_url: str, monkeypatch: pytest.MonkeyPatch, *, is_compressed: bool
) -> None:
    compression = "deflate" if is_compressed else None
    async with (
        stream_server(content_database_url, None, max_body_bytes=1_024) as server,
        socket_of(server.address, None, compression=compression) as socket,
    ):
        before = dict(limit_counts())
        message: dict[str, Any] = {"type": "subscribe", "id": "1", "payload": {"query": "{ __typename } #"}}
        message["payload"]["query"] += "x" * (1_024 - len(json.dumps(message)))
        await socket.send(json.dumps(message))
        assert json.loads(await socket.recv())["type"] == "next"
        assert json.loads(await socket.recv())["type"] == "complete"
        message["payload"]["query"] += "x"
        logger = CapturingLogger()
        monkeypatch.setattr(websocket_protocol, "log", logger)
        await socket.send(json.dumps(message))
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == CloseCode.MESSAGE_TOO_BIG
        assert counted_since(before) == {RequestLimit.BODY_BYTES: 1}
        [line] = logger.calls
        assert (line.args, line.kwargs["code"]) == (("message rejected",), CloseCode.MESSAGE_TOO_BIG)


async def test_export_beyond_the_limit_is_counted(content_database_url: str) -> None:
    settings = {"max_direct_exports": 1, "export_patience_seconds": 600}
    async with stream_server(content_database_url, None, **settings) as server, AsyncExitStack() as stack:
        slots, before = server.app.state.exports, dict(limit_counts())

        async def rows() -> AsyncGenerator[bytes, None]:
            yield b"row"
            yield b"row"

        other = await stack.enter_async_context(aclosing(slots.send(Slot(uuid4()), rows())))
        await anext(other)
        headers = {"Authorization": f"Bearer {server.client.token('demo')}"}
        refused = await server.client.http.get("/exports/cards.csv", headers=headers)
        assert refused.status_code == 429
        [error] = refused.json()["errors"]
        check_error(error, RequestLimit.DIRECT_EXPORTS)
        assert refused.headers["Retry-After"] == str(error["extensions"]["retryAfter"]) == "10"
        assert counted_since(before) == {RequestLimit.DIRECT_EXPORTS: 1}
        await other.aclose()
        assert (await server.client.http.get("/exports/cards.csv", headers=headers)).status_code == 200


@pytest.mark.parametrize("limit", [Limit.WAITING_DOCUMENTS, Limit.WAITING_DOCUMENTS_PER_CLIENT])
async def test_documents_beyond_the_queue_are_counted(content_database_url: str, limit: Limit) -> None:
    gate = threading.Event()
    async with stream_server(content_database_url, None, **{limit.value.lower(): 1}) as server:
        documents, before = server.app.state.documents, dict(limit_counts())
        DOCUMENTS.submit(gate.wait, 60)
        try:
            # One is parsed, and one waits.
            queries = [f"{{ __typename }} #{uuid4()}{'x' * 2_000}" for _ in range(3)]
            sending = []
            for number, query in enumerate(queries[:2], 1):
                sending.append(asyncio.create_task(post(server.client, query)))
                async with asyncio.timeout(60):
                    while documents.waiting < number:  # noqa: ASYNC110  # there is no event for it
                        await asyncio.sleep(0.01)
            refused = await post(server.client, queries[2])
        finally:
            gate.set()
        assert [codes(response) for response in await asyncio.gather(*sending)] == [[], []]
    [error] = refused.json()["errors"]
    check_error(error, limit)
    assert refused.status_code == (503 if limit is Limit.WAITING_DOCUMENTS else 429)
    assert refused.headers["Retry-After"] == str(error["extensions"]["retryAfter"]) == "1"
    assert counted_since(before) == {limit: 1}


async def test_syntax_error_exceeds_no_limit(client: Client) -> None:
    response = await post(client, "{ a")
    assert codes(response) == ["GRAPHQL_PARSE_FAILED"]
    assert "limit" not in response.json()["errors"][0]["extensions"]
