"""Responses that are too large fail with a code on every transport; mutations return the fields already executed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.clients import client_of
from tests.executions import EXECUTIONS, executed_by
from tests.requests import get
from tests.server.test_interruptions import locked
from tests.streams import SSE, TRANSPORTS, WEBSOCKET, StreamServer, stream_server

MAX_BYTES = 65_536
# Without a cost limit, which would reject the operations of these tests.
SMALL = {"max_response_bytes": MAX_BYTES, "max_result_values": 1_000, "max_query_cost": 10**9, "db_pool_min": 1}

CONTENTS = " ".join(f"a{number}: content" for number in range(40))
LONG = f"{{ textbooks(first: 1) {{ nodes {{ chapters {{ {CONTENTS} }} }} }} }}"
MANY = "{ books(first: 100) { nodes { id title author pageCount jlptLevel a: title b: author c: title d: id e: id } } }"
SHORT = "{ books(first: 1) { nodes { title } } }"


@pytest.fixture(scope="module")
async def server(content_database_url: str, redis_url: str) -> AsyncIterator[StreamServer]:
    async with stream_server(content_database_url, redis_url, **SMALL) as server:
        yield server


@pytest.mark.parametrize("cache", ["on", "off"])
@pytest.mark.parametrize("execution", EXECUTIONS)
async def test_long_response_fails_with_a_code(
    content_database_url: str, redis_url: str, execution: str, cache: str
) -> None:
    with executed_by(execution):
        async with client_of(content_database_url, redis_url, **SMALL, cache=cache) as client:
            for _ in range(3):
                answer = await client.run(LONG)
                assert (answer.status, answer.error_codes) == (200, ["RESPONSE_TOO_LARGE"])
                assert answer.messages == [f"Response exceeds the limit of {MAX_BYTES} bytes."]
                assert "data" not in answer.body
                assert (await get(client, LONG)).json()["errors"][0]["extensions"]["code"] == "RESPONSE_TOO_LARGE"
                standard = {"Accept": "application/graphql-response+json"}
                assert (await client.http.post("/graphql", json={"query": LONG}, headers=standard)).status_code == 400


@pytest.mark.parametrize("cache", ["on", "off"])
async def test_response_with_many_values_fails_with_a_code(
    content_database_url: str, redis_url: str, cache: str
) -> None:
    async with client_of(content_database_url, redis_url, **SMALL, cache=cache) as client:
        for _ in range(3):
            answer = await client.run(MANY)
            assert answer.error_codes == ["OPERATION_TOO_COMPLEX"]
            assert answer.messages == ["Response exceeds the limit of 1000 values."]
            assert "data" not in answer.body


@pytest.mark.parametrize("query", [LONG, MANY], ids=["long", "many values"])
@pytest.mark.parametrize("transport", [SSE, WEBSOCKET])
async def test_large_response_on_sse_fails_with_a_code(server: StreamServer, transport: str, query: str) -> None:
    async with server.stream(transport, query) as events:
        first, *rest = [event async for event in events]
    assert first.codes == ["RESPONSE_TOO_LARGE" if query is LONG else "OPERATION_TOO_COMPLEX"]
    assert "data" not in (first.body or {})
    assert [event.body for event in rest] == [None]
    async with server.stream(transport, SHORT) as events:
        assert (await anext(events)).data["books"]["nodes"]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_large_event_ends_the_subscription_with_a_code(server: StreamServer, transport: str) -> None:
    selection = " ".join(f"a{number}: activity(days: 366) {{ date reviews recalled }}" for number in range(1, 9))
    async with server.stream(transport, f"subscription {{ dashboardUpdated {{ {selection} }} }}") as events:
        first, *rest = [event async for event in events]
    assert first.codes == ["OPERATION_TOO_COMPLEX"]
    assert [event.body for event in rest] == [None]


async def test_cached_response_that_became_large_fails_with_a_code(content_database_url: str, redis_url: str) -> None:
    """The response consists of cached values, without a run that counts them."""
    part = "books(first: 100) { nodes { id title author } }"
    query = f"{{ {' '.join(f'a{number}: {part}' for number in range(8))} }}"
    async with client_of(content_database_url, redis_url) as client:
        size = len((await client.http.post("/graphql", json={"query": query})).content)
    for limit, fails in ((size, False), (size - 1, True)):
        if limit < MAX_BYTES:
            pytest.fail(f"an answer of {size} bytes is too short for this test")
        async with client_of(content_database_url, redis_url, max_response_bytes=limit) as client:
            for _ in range(3):
                response = await client.http.post("/graphql", json={"query": query})
                assert ("errors" in response.json()) is fails


@pytest.mark.parametrize("transport", ["HTTP", SSE, WEBSOCKET])
async def test_mutation_returns_executed_fields_at_the_deadline(
    writable_database_url: str, redis_url: str, transport: str
) -> None:
    settings = {"operation_timeout_seconds": 3, "db_pool_min": 2}
    async with stream_server(writable_database_url, redis_url, **settings) as server:
        book = (await server.client.run("{ books(first: 1) { nodes { id } } }")).data["books"]["nodes"][0]["id"]
        mutation = """mutation ($book: ID!) {
            first: updateStudySettings(input: {newCardsPerDay: 77}) { settings { newCardsPerDay } }
            second: updateReadingProgress(input: {bookId: $book, currentPage: 1}) { errors { code } }
            third: updateStudySettings(input: {newCardsPerDay: 78}) { settings { newCardsPerDay } }
        }"""
        async with locked(writable_database_url, "reading_progress"):
            if transport == "HTTP":
                answer = await server.client.run(mutation, {"book": book}, user="demo")
                assert answer.status == 200
                body: Any = answer.body
            else:
                async with server.stream(transport, mutation, {"book": book}) as events:
                    body = (await anext(events)).body
        assert body["data"] == {"first": {"settings": {"newCardsPerDay": 77}}, "second": None, "third": None}
        assert [error["path"] for error in body["errors"]] == [["second"], ["third"]]
        assert {error["extensions"]["code"] for error in body["errors"]} == {"TIMEOUT"}
        settings_now = await server.client.run("{ viewer { settings { newCardsPerDay } } }", user="demo")
        assert settings_now.data["viewer"]["settings"]["newCardsPerDay"] == 77


async def test_mutation_returns_the_fields_that_fit_into_the_response(
    writable_database_url: str, redis_url: str
) -> None:
    async with client_of(writable_database_url, redis_url, **SMALL) as client:
        short = "updateStudySettings(input: {newCardsPerDay: 77}) { settings { newCardsPerDay } }"
        days = " ".join(f"a{number}: activity(days: 366) {{ date }}" for number in range(1, 9))
        long = f"updateStudySettings(input: {{newCardsPerDay: 78}}) {{ viewer {{ dashboard {{ {days} }} }} }}"
        answer = await client.run(f"mutation {{ first: {short} second: {long} third: {short} }}", user="demo")
        assert answer.body["data"] == {"first": {"settings": {"newCardsPerDay": 77}}, "second": None, "third": None}
        assert [error["path"] for error in answer.body["errors"]] == [["second"], ["third"]]


async def test_metrics_count_errors_by_code(content_database_url: str, redis_url: str) -> None:
    async with client_of(content_database_url, redis_url, **SMALL) as client:

        async def number() -> float:
            lines = (await client.http.get("/metrics")).text.splitlines()
            [line] = [line for line in lines if line.startswith('shinjp_errors_total{code="RESPONSE_TOO_LARGE"}')] or [
                " 0"
            ]
            return float(line.rpartition(" ")[2])

        before = await number()
        await client.run(LONG)
        assert await number() == before + 1
