"""Numbers, nesting and headers that cannot be parsed are rejected on every transport, without an internal error."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from engine.request.literal_checks import MAX_NUMBER_LENGTH
from tests.clients import Client
from tests.streams import StreamServer, socket_of, stream_server

# One digit more than Python parses.
DIGITS = "9" * 4_301
# All positions of numbers in documents.
NUMBERS = {
    "Int": "{ books(first: %s) { totalCount } }",
    "Float": "{ __typename @skip(if: %s) }",
    "ID": "{ book(id: %s) { id } }",
    "String": "{ books(after: %s) { totalCount } }",
    "enum in a list": "{ books(filter: {jlptLevels: [%s]}) { totalCount } }",
    "DateTime": "{ viewer { reviews(from: %s) { totalCount } } }",
    "DateTime, object": "{ viewer { reviews(from: {a: [%s]}) { totalCount } } }",
    "an argument that is not there": "{ books(ghost: %s) { totalCount } }",
    "a default": "query ($n: Int = %s) { books(first: $n) { totalCount } }",
    "a directive": "{ books @include(if: %s) { totalCount } }",
    "a field of an input": "mutation { updateStudySettings(input: {desiredRetention: %s}) { errors { code } } }",
}


@pytest.mark.parametrize("case", NUMBERS)
@pytest.mark.parametrize("number", [DIGITS, f"-{DIGITS}", f"{DIGITS}.5", f"1e{DIGITS}", f"0.{DIGITS}", "9" * 101])
async def test_long_number_in_a_document_is_rejected(client: Client, case: str, number: str) -> None:
    answer = await client.run(NUMBERS[case] % number, user="demo")
    assert answer.status < 500
    assert answer.error_codes == ["BAD_USER_INPUT"], answer.body
    assert f"{len(number)} characters exceeds the limit of {MAX_NUMBER_LENGTH}" in answer.messages[0]


async def test_long_digits_in_a_string_are_accepted(client: Client) -> None:
    assert (await client.run(f'{{ books(filter: {{search: "{"9" * 101}"}}) {{ totalCount }} }}')).error_codes == [
        "BAD_USER_INPUT"
    ]
    assert (await client.run(f'{{ __type(name: "{"9" * 101}") {{ name }} }}')).data == {"__type": None}


DEPTHS = (250, 253, 254, 255, 1_000, 1_023, 1_024, 1_025, 100_000)
DEEP = {
    "lists": lambda depth: "[" * depth + "]" * depth,
    "objects": lambda depth: '{"a":' * depth + "1" + "}" * depth,
}
# Names of variables, which do not matter, and the place of the nesting.
QUERIES = {
    "Int": "query ($v: Int) { books(first: $v) { totalCount } }",
    "String": "query ($v: String) { books(after: $v) { totalCount } }",
    "DateTime": "query ($v: DateTime) { viewer { reviews(from: $v) { totalCount } } }",
    "input": "query ($v: BookFilter) { books(filter: $v) { totalCount } }",
    "list": "query ($v: [ID!]) { nodes(ids: $v) { id } }",
    "none": "{ books { totalCount } }",
}


@pytest.fixture(scope="module")
async def server(content_database_url: str, redis_url: str) -> AsyncIterator[StreamServer]:
    async with stream_server(content_database_url, redis_url) as server:
        yield server


@pytest.mark.parametrize("shape", DEEP)
@pytest.mark.parametrize("name", QUERIES)
async def test_deep_json_causes_no_internal_error(server: StreamServer, shape: str, name: str) -> None:
    query, http = QUERIES[name], server.client.http
    for depth in DEPTHS:
        deep = DEEP[shape](depth)
        for body in (
            f'{{"query": {json.dumps(query)}, "variables": {{"v": {deep}}}}}',
            f'{{"query": {json.dumps(query)}, "extensions": {{"v": {deep}}}}}',
            f'{{"query": {json.dumps(query)}, "extensions": {{"persistedQuery": {deep}}}}}',
            f'{{"query": {json.dumps(query)}, "v": {deep}}}',
        ):
            for accept in ("application/json", "text/event-stream"):
                headers = {"Content-Type": "application/json", "Accept": accept}
                response = await http.post("/graphql", content=body, headers=headers)
                assert response.status_code < 500, (depth, response.text)
                assert "INTERNAL_SERVER_ERROR" not in response.text, (depth, body[:80])
        if depth < 10_000:
            response = await http.get("/graphql", params={"query": query, "variables": f'{{"v": {deep}}}'})
            assert response.status_code < 500
            assert "INTERNAL_SERVER_ERROR" not in response.text


@pytest.mark.parametrize("shape", DEEP)
async def test_deep_json_on_websocket_causes_no_internal_error(server: StreamServer, shape: str) -> None:
    for depth in DEPTHS:
        deep = f'{{"v": {DEEP[shape](depth)}}}'
        query = json.dumps(QUERIES["String"])
        assert await _says(server, f'{{"type": "ping", "payload": {deep}}}') in ("pong", 4400)
        subscribe = f'{{"type": "subscribe", "id": "1", "payload": {{"query": {query}, "variables": {deep}}}}}'
        assert await _says(server, subscribe) in ("error", "next", 4400)


async def _says(server: StreamServer, message: str) -> str | int | None:
    """The type of the response, or the close code of the socket."""
    async with socket_of(server.address, None) as socket, asyncio.timeout(60):
        await socket.send(message)
        try:
            answer: dict[str, Any] = json.loads(await socket.recv())
        except ConnectionClosed:
            return socket.close_code
    assert "INTERNAL_SERVER_ERROR" not in json.dumps(answer)
    return str(answer["type"])


@pytest.mark.parametrize(
    "value", [DIGITS, f"-{DIGITS}", "1e400", "-1e400", "1e-400", f"{DIGITS}.5", str(2**63), str(2**64)]
)
async def test_numbers_beyond_64_bits_in_variables_cause_no_internal_error(client: Client, value: str) -> None:
    for query in QUERIES.values():
        for variables in (f'{{"v": {value}}}', f'{{"v": [{value}]}}', f'{{"v": {{"search": {value}}}}}'):
            body = f'{{"query": {json.dumps(query)}, "variables": {variables}}}'
            response = await client.http.post("/graphql", content=body, headers={"Content-Type": "application/json"})
            assert response.status_code < 500
            assert "INTERNAL_SERVER_ERROR" not in response.text


@pytest.mark.parametrize("value", [DIGITS, f"-{DIGITS}", "1e400", "\x7f", "é" * 100, "", "99999999999999999999", "²"])
async def test_long_numbers_in_headers_cause_no_internal_error(client: Client, value: str) -> None:
    file = "/exports/files/01900000-0000-7000-8000-000000000000/cards.csv"
    names = ("Last-Event-ID", "If-None-Match", "If-Modified-Since", "X-Request-Id", "X-Debug-Stats", "Cache-Control")
    for headers in (
        *(
            {name: value}
            for name in (*names, "X-Debug-Trace", "GraphQL-Client-Name", "Accept-Language", "Age", "Max-Forwards")
        ),
        {"Accept": f"application/json;q={value}"},
        {"Accept-Encoding": f"gzip;q={value}"},
        {"Range": f"bytes={value}-"},
    ):
        sent = [(name.encode(), text.encode("latin-1")) for name, text in headers.items()]
        sent.append((b"Authorization", f"Bearer {client.token('demo')}".encode()))
        for path in (
            "/graphql?query={books{totalCount}}",
            "/exports/cards.csv?to=2000-01-01T00:00:00Z",
            file,
            "/healthz",
        ):
            assert (await client.http.get(path, headers=sent)).status_code < 500, (path, headers)
    for parameter in ("expires", "signature"):
        link = await client.http.get(file, params={"expires": "99999999999", "signature": "x", parameter: value})
        assert link.status_code == 404
