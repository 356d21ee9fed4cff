"""Invalid parameters of exports: errors have a status, because nothing is sent before."""

from collections.abc import AsyncIterator

import pytest

from db.core.database import owner_connection
from tests.schema.test_edge_values import NO_TIMESTAMPS, TIMESTAMPS
from tests.streams import StreamServer, stream_server

NAMES = ("reviews.csv", "reviews.jsonl", "cards.csv", "cards.jsonl", "learners.csv", "learners.jsonl")


@pytest.fixture(scope="module")
async def server(content_database_url: str, redis_url: str) -> AsyncIterator[StreamServer]:
    async with stream_server(content_database_url, redis_url) as server:
        yield server


@pytest.mark.parametrize("parameter", ["from", "to"])
@pytest.mark.parametrize("name", NAMES)
async def test_timestamps_are_parsed_as_rfc_3339(server: StreamServer, name: str, parameter: str) -> None:
    headers = {"Authorization": f"Bearer {server.client.token('admin')}"}
    for value in (*TIMESTAMPS, *(str(value) for value in NO_TIMESTAMPS)):
        response = await server.client.http.get(f"/exports/{name}", params={parameter: value}, headers=headers)
        assert response.status_code == (200 if value in TIMESTAMPS else 400), value
        if value not in TIMESTAMPS:
            [error] = response.json()["errors"]
            assert error["extensions"]["code"] == "BAD_USER_INPUT"
            assert error["message"].startswith(f"{parameter}: ")


async def test_plus_sign_that_became_a_blank_is_explained(server: StreamServer) -> None:
    headers = {"Authorization": f"Bearer {server.client.token('demo')}"}
    response = await server.client.http.get("/exports/cards.csv?from=2026-01-01T00:00:00+09:00", headers=headers)
    assert "%2B" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_statement_that_fails_before_the_first_row_has_a_status(
    writable_database_url: str, redis_url: str, coding: str
) -> None:
    """The response starts with the first row, so earlier failures have a status."""
    async with owner_connection(writable_database_url) as owner:
        await owner.execute("revoke select on vocabulary from shinjp_app")
    async with stream_server(writable_database_url, redis_url, log_level="error") as server:
        headers = {"Authorization": f"Bearer {server.client.token('demo')}", "Accept-Encoding": coding}
        for name in ("reviews.csv", "cards.jsonl"):
            response = await server.client.http.get(f"/exports/{name}", headers=headers)
            assert response.status_code == 500
