"""Errors name the exceeded limit of an operation, and metrics count each limit."""

import re
from pathlib import Path
from typing import Any

import pytest

from engine.errors import Limit
from server.observability.error_log import limit_counts
from server.settings import Settings
from tests.clients import Client, client_of
from tests.engine.hostile_documents import hostile_document
from tests.requests import codes, post
from tests.server.test_interruptions import locked
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


def documented() -> dict[str, str]:
    found = {}
    for cells in rows(DOCUMENTATION):
        name = re.fullmatch(r"`([A-Z_]+)`", cells[0])
        if name:
            found[name[1]] = cells[2].strip("`")
    return found


def test_every_limit_is_documented_and_a_setting() -> None:
    assert documented().keys() == {limit.value for limit in Limit}
    assert all(limit.value.lower() in Settings.model_fields for limit in Limit)
    # The time limit has a test below.
    assert BEYOND.keys() == {*Limit} - {Limit.TIME}


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
        counted = {name: number - before[name] for name, number in limit_counts().items()}
        assert {name: number for name, number in counted.items() if number} == {limit: times}
    metrics = (await client.http.get("/metrics")).text
    assert f'shinjp_exceeded_limits_total{{limit="{limit.value}"}} {limit_counts()[limit]:.1f}' in metrics


async def test_syntax_error_exceeds_no_limit(client: Client) -> None:
    response = await post(client, "{ a")
    assert codes(response) == ["GRAPHQL_PARSE_FAILED"]
    assert "limit" not in response.json()["errors"][0]["extensions"]
