"""Masking of internal errors, and access to debug information."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from server.auth.development_tokens import issue_token
from server.settings import Settings
from tests.clients import Client, client_of
from tests.databases import execute
from tests.processes import server_process

STATISTICS = "{ books(first: 2) { nodes { title progress { percent } } } }"
SCHEMA = "{ __schema { queryType { name } } }"


@pytest.fixture
async def production(content_database_url: str, redis_url: str) -> AsyncIterator[Client]:
    settings = {"environment": "production", "allowed_origins": ("https://app.example",)}
    async with client_of(content_database_url, redis_url, **settings) as client:
        yield client


@pytest.mark.parametrize("log_format", ["json", "console"])
async def test_unexpected_errors_are_masked_and_logged(
    writable_database_url: str, redis_url: str, tmp_path: Path, log_format: str
) -> None:
    await execute(writable_database_url, "alter table kanji rename column stroke_count to strokes_of_a_brush")
    settings = {"DATABASE_URL": writable_database_url, "REDIS_URL": redis_url, "LOG_FORMAT": log_format}
    query = '{ kanji(character: "食") { meanings } jlptContentStats { jlptLevel } }'
    async with server_process(tmp_path / "log", **settings) as server:
        async with httpx.AsyncClient(timeout=60) as client:
            token = {"Authorization": f"Bearer {issue_token(Settings.load(), 'demo')}"}
            response = await client.post(server.address, json={"query": query}, headers=token)
        logged = await server.stop_and_read()
    assert response.status_code == 200
    assert response.json()["data"]["kanji"] is None
    assert response.json()["data"]["jlptContentStats"]
    (error,) = response.json()["errors"]
    request_id = response.headers["X-Request-Id"]
    assert error["message"] == "Internal server error. Report the request id to support."
    assert error["extensions"] == {
        "code": "INTERNAL_SERVER_ERROR",
        "coordinate": "Query.kanji",
        "requestId": request_id,
    }
    # The log entry of the field with its cause, and that of the request.
    assert logged.count(request_id) == 2
    assert "UndefinedColumnError" in logged
    assert token["Authorization"].partition(" ")[2] not in logged


async def test_request_statistics(client: Client) -> None:
    answer = await client.run(STATISTICS, user="demo")
    statistics = answer.body["extensions"]["stats"]
    assert statistics["sqlStatements"] == 2
    assert statistics["loaderBatches"] == 1
    assert 0 < statistics["sqlMs"] <= statistics["durationMs"]
    assert "extensions" not in (await client.run(STATISTICS, user="demo", headers={"X-Debug-Stats": "0"})).body


async def test_statistics_require_an_administrator_in_production(production: Client) -> None:
    assert "extensions" not in (await production.run(STATISTICS, user="demo")).body
    assert (await production.run(STATISTICS, user="admin")).body["extensions"]["stats"]


async def test_introspection_requires_an_administrator_in_production(production: Client) -> None:
    assert (await production.run(SCHEMA, user="demo")).error_codes == ["GRAPHQL_VALIDATION_FAILED"] * 2
    assert (await production.run(SCHEMA, user="admin")).data
    assert "Did you mean" not in str((await production.run("{ bookz { id } }")).messages)
    assert "Did you mean" in str((await production.run("{ bookz { id } }", user="admin")).messages)


async def test_graphiql_has_no_token_in_production(production: Client) -> None:
    page = await production.http.get("/graphql", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert '"token"' not in page.text


async def test_allowed_origins_may_send_requests(production: Client) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    for origin, allowed in (("https://app.example", "https://app.example"), ("https://elsewhere.example", None)):
        preflight = await production.http.options("/graphql", headers={"Origin": origin, **asked})
        assert preflight.headers.get("Access-Control-Allow-Origin") == allowed
        answer = await production.run("{ __typename }", headers={"Origin": origin})
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed
