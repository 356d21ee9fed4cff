"""GraphQL over HTTP: methods, media types, statuses and error codes."""

import gzip
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest

from tests.clients import Client, client_of
from tests.executions import EXECUTIONS, executed_by

QUERY = "{ jlptContentStats { jlptLevel } }"
JSON = "application/json"
GRAPHQL = "application/graphql-response+json"


@pytest.fixture(scope="module", params=EXECUTIONS)
async def client(request: pytest.FixtureRequest, content_database_url: str, redis_url: str) -> AsyncIterator[Client]:
    """A client of a server for each way of executing operations: HTTP behaves the same."""
    with executed_by(request.param):
        async with client_of(content_database_url, redis_url) as client:
            yield client


async def post(client: Client, body: object, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    sent = {"Content-Type": JSON} | {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.http.post("/graphql", content=content, headers=sent)


def code(response: httpx.Response) -> str:
    """The code of the first error. Without `data`: the operation was not executed."""
    body = response.json()
    assert "data" not in body, body
    error = body["errors"][0]
    assert error["extensions"]["requestId"] == response.headers["X-Request-Id"]
    found: str = error["extensions"]["code"]
    return found


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", JSON),
        ("*/*", JSON),
        (JSON, JSON),
        ("application/*", JSON),
        (GRAPHQL, GRAPHQL),
        (GRAPHQL.upper(), GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        # A client that accepts event streams last, without a q value, gets no stream for a query.
        (f"{GRAPHQL}, {JSON};q=0.8, text/event-stream, multipart/mixed", GRAPHQL),
        (f"{JSON};q=0.1, {GRAPHQL};q=0.2", GRAPHQL),
    ],
)
async def test_client_chooses_the_media_type(client: Client, accept: str, expected: str) -> None:
    response = await post(client, {"query": QUERY}, Accept=accept)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == f"{expected}; charset=utf-8"
    assert len(response.json()["data"]["jlptContentStats"]) == 5


async def test_no_matching_media_type_is_not_acceptable(client: Client) -> None:
    response = await post(client, {"query": QUERY}, Accept="image/png")
    assert (response.status_code, code(response)) == (406, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": ""}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ ghost }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query($n: Int!) { books(first: $n) { totalCount } }"}, "BAD_USER_INPUT"),
        ({"query": f"query A {QUERY} query B {QUERY}"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": f"query A {QUERY}", "operationName": "B"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "fragment F on Book { id }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{ " + "viewer { user { " * 1_500 + "} } " * 1_500 + "}"}, "GRAPHQL_PARSE_FAILED"),
    ],
)
async def test_request_errors_have_a_status_under_the_graphql_type_alone(
    client: Client, body: dict[str, str], expected: str
) -> None:
    response = await post(client, body, Accept=GRAPHQL)
    assert (response.status_code, code(response)) == (400, expected)
    response = await post(client, body, Accept=JSON)
    assert (response.status_code, code(response)) == (200, expected)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"null", "object"),
        (b'"text"', "object"),
        (b"1", "object"),
        (b"[]", "Batched"),
        (b'{"query": "\xff"}', "UTF-8"),
        (b"[" * 100_000, "JSON"),
        (b"{}", "query"),
        (b'{"query": 1}', "query"),
        (b'{"query": "{ __typename }", "variables": "text"}', "variables"),
        (b'{"query": "{ __typename }", "variables": []}', "variables"),
        (b'{"query": "{ __typename }", "extensions": 1}', "extensions"),
        (b'{"query": "{ __typename }", "operationName": 1}', "operationName"),
    ],
)
async def test_malformed_body_is_rejected(client: Client, body: bytes, named: str) -> None:
    response = await post(client, body)
    assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")
    assert named in response.json()["errors"][0]["message"]


async def test_number_of_five_thousand_digits_is_rejected(client: Client) -> None:
    body = b'{"query": "query($n: Int) { books(first: $n) { totalCount } }", "variables": {"n": ' + b"9" * 5_000 + b"}}"
    response = await post(client, body)
    assert response.status_code < 500
    assert code(response) == "BAD_USER_INPUT"


async def test_null_for_optional_parameters(client: Client) -> None:
    body = {"query": QUERY, "variables": None, "operationName": None, "extensions": None}
    assert (await post(client, body)).status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
async def test_only_json_is_accepted(client: Client, content_type: str) -> None:
    response = await post(client, {"query": QUERY}, Content_Type=content_type)
    assert (response.status_code, code(response)) == (415, "BAD_USER_INPUT")
    assert response.headers["Accept-Post"] == f"{JSON}, multipart/form-data"


@pytest.mark.parametrize(
    ("parameter", "status"),
    [("charset=utf-8", 200), (' Charset="UTF8"', 200), ("charset=us-ascii", 200), ("charset=utf-16", 415), ("x", 200)],
)
async def test_json_is_encoded_in_utf_8(client: Client, parameter: str, status: int) -> None:
    response = await post(client, {"query": QUERY}, Content_Type=f"{JSON};{parameter}")
    assert response.status_code == status
    if status == 415:
        assert "utf-16" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(("coding", "status"), [("gzip", 415), ("Identity", 200), ("br, gzip", 415)])
async def test_compressed_bodies_are_rejected(client: Client, coding: str, status: int) -> None:
    body = orjson.dumps({"query": QUERY})
    response = await post(client, body if status == 200 else gzip.compress(body), Content_Encoding=coding)
    assert response.status_code == status
    if status == 415:
        assert response.headers["Accept-Encoding"] == "identity"
        assert f"omit Content-Encoding: {coding}" in response.text


async def test_media_types_are_compared_without_regard_to_case(client: Client) -> None:
    assert (await post(client, {"query": QUERY}, Content_Type="Application/JSON; Charset=UTF-8")).status_code == 200


async def test_long_body_is_rejected_with_and_without_content_length(client: Client) -> None:
    async def chunks() -> Any:
        for _ in range(30):
            yield b" " * 100_000

    for content in (b" " * 3_000_000, chunks()):
        response = await client.http.post("/graphql", content=content, headers={"Content-Type": JSON})
        assert (response.status_code, code(response)) == (413, "BAD_USER_INPUT")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_not_allowed(client: Client, method: str) -> None:
    response = await client.http.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, POST, QUERY"


async def test_get_runs_a_query(client: Client) -> None:
    query = "query A($n: Int) { books(first: $n) { nodes { title } } } query B { __typename }"
    response = await client.http.get(
        "/graphql", params={"query": query, "operationName": "A", "variables": '{"n": 2}'}, headers={"Accept": GRAPHQL}
    )
    assert response.status_code == 200
    assert len(response.json()["data"]["books"]["nodes"]) == 2


async def test_mutation_by_get_is_rejected(client: Client) -> None:
    query = 'mutation { updateStudySettings(input: {timeZone: "UTC"}) { errors { code } } }'
    response = await client.http.get("/graphql", params={"query": query}, headers={"Accept": GRAPHQL})
    assert (response.status_code, code(response)) == (405, "OPERATION_RESOLUTION_FAILURE")
    assert response.headers["Allow"] == "POST"


async def test_query_method_is_safe(client: Client) -> None:
    async def query(body: object, content_type: str = JSON, **headers: str) -> httpx.Response:
        sent = {"Content-Type": content_type, "Accept": GRAPHQL} | headers
        return await client.http.request("QUERY", "/graphql", content=orjson.dumps(body), headers=sent)

    text = "query ($n: Int) { books(first: $n) { nodes { title } } }"
    found = await query({"query": text, "variables": {"n": 2}})
    assert (found.status_code, len(found.json()["data"]["books"]["nodes"])) == (200, 2)
    unchanged = await query({"query": text, "variables": {"n": 2}}, **{"If-None-Match": found.headers["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    mutation = await query({"query": 'mutation { updateStudySettings(input: {timeZone: "UTC"}) { errors { code } } }'})
    assert (mutation.status_code, code(mutation)) == (405, "OPERATION_RESOLUTION_FAILURE")
    assert mutation.headers["Allow"] == "POST"
    for content_type in ("text/plain", "multipart/form-data; boundary=b"):
        refused = await query({"query": text}, content_type)
        assert (refused.status_code, refused.headers["Accept-Query"]) == (415, JSON)
    assert (await client.http.put("/graphql")).headers["Accept-Query"] == JSON


async def test_get_with_invalid_json_in_variables(client: Client) -> None:
    response = await client.http.get("/graphql", params={"query": QUERY, "variables": "{"})
    assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize("name", ["variables", "extensions", "operationName"])
@pytest.mark.parametrize("value", ["", None])
async def test_empty_parameter_of_a_get_counts_as_absent(client: Client, name: str, value: str | None) -> None:
    given = f"&{name}" if value is None else f"&{name}={value}"
    for query in (QUERY, f"query A {QUERY}", "query($n: Int = 1) { books(first: $n) { nodes { id } } }"):
        response = await client.http.get(f"/graphql?query={quote(query)}{given}", headers={"Accept": GRAPHQL})
        assert response.status_code == 200
        assert "errors" not in response.json()


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://testserver"}]
)
async def test_same_origin_get_is_accepted(client: Client, headers: dict[str, str]) -> None:
    assert (await client.http.get(f"/graphql?query={quote(QUERY)}", headers=headers)).status_code == 200


async def test_valid_request_id_is_used(client: Client) -> None:
    assert (await post(client, {"query": QUERY}, X_Request_Id="trace-1.a_B")).headers["X-Request-Id"] == "trace-1.a_B"
    for strange in ("a b", "x" * 129, "<script>"):
        given = (await post(client, {"query": QUERY}, X_Request_Id=strange)).headers["X-Request-Id"]
        assert len(given) == 32
        assert given != strange


async def test_schema_is_served_as_sdl(client: Client) -> None:
    response = await client.http.get("/schema.graphql")
    assert response.status_code == 200
    assert "type Query" in response.text


async def test_failed_field_keeps_the_others(client: Client) -> None:
    answer = await client.run('{ book(id: "no id") { id } jlptContentStats { jlptLevel } }')
    assert answer.status == 200
    assert answer.body["data"]["book"] is None
    assert len(answer.body["data"]["jlptContentStats"]) == 5
    assert answer.body["errors"][0]["path"] == ["book"]
    assert answer.body["errors"][0]["locations"] == [{"line": 1, "column": 3}]
