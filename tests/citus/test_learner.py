"""Learners on a Citus cluster: each request of `DOCUMENTS` is executed, and no learner sees the data of others."""

import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from db.core.database import APPLICATION_ROLE, owner_connection
from db.distribution.tables import DISTRIBUTED_TABLES
from domain.ids import new_id
from tests.clients import Client, client_of

pytestmark = pytest.mark.skipif("CITUS_DATABASE_URL" not in os.environ, reason="`make citus` runs it, with Citus.")

# A new learner for each run.
_NEW = f"citus-{new_id()}"
_CREATE = "mutation { createCards(input: {jlptLevel: N5, limit: 5}) { cards { id } } }"
_REVIEW = """
    mutation($input: ReviewCardsInput!) {
        reviewCards(input: $input) { results { duplicate error { code } card { repetitions } } }
    }
"""
_DASHBOARD = "{ viewer { dashboard { dueNow reviewsToday newToday } } }"
_DELETE = "mutation($input: DeleteCardsInput!) { deleteCards(input: $input) { deletedIds } }"
_RESTORE = "mutation($input: RestoreCardsInput!) { restoreCards(input: $input) { cards { id } } }"
DOCUMENTS = {
    "cards": "{ viewer { cards(first: 20) { totalCount nodes { id dueAt tags } } } }",
    "reviews of cards": "{ viewer { cards(first: 20) { nodes { reviews(first: 2) { nodes { quality } } } } } }",
    "due cards": "{ viewer { dueCards(first: 20) { nodes { id } } } }",
    "study session": "{ viewer { studySession(first: 20) { newLeft cards { id } } } }",
    "totals": "{ viewer { dashboard { dueNow streakDays forecast { due } activity { reviews } } } }",
    "levels": "{ viewer { dashboard { levels { mature } } } }",
    "settings": "{ viewer { settings { scheduler newCardsPerDay } } }",
    "changes": "{ viewer { changes(first: 20) { nextToken hasMore changes { type } } } }",
    "reviews": "{ viewer { reviews(first: 20) { nodes { quality reviewedAt } } } }",
}


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    async with client_of(os.environ["CITUS_DATABASE_URL"], None) as client:
        yield client


async def _run(client: Client, document: str, input: Any = None, user: str = _NEW) -> Any:
    return (await client.run(document, {"input": input} if input else None, user=user)).data


async def test_learner_creates_reviews_deletes_and_restores_cards(client: Client) -> None:
    created = await _run(client, _CREATE)
    ids = [card["id"] for card in created["createCards"]["cards"]]
    assert len(ids) == 5
    assert (await _run(client, _DASHBOARD))["viewer"]["dashboard"]["dueNow"] == 5
    reviews = [{"cardId": id, "quality": 4, "idempotencyKey": f"citus {id}"} for id in ids[:3]]
    first = await _run(client, _REVIEW, {"reviews": reviews})
    assert [result["duplicate"] for result in first["reviewCards"]["results"]] == [False] * 3
    second = await _run(client, _REVIEW, {"reviews": reviews})
    assert [result["duplicate"] for result in second["reviewCards"]["results"]] == [True] * 3
    dashboard = (await _run(client, _DASHBOARD))["viewer"]["dashboard"]
    assert dashboard["reviewsToday"] == dashboard["newToday"] == 3
    await _run(client, _DELETE, {"cardIds": ids[3:]})
    assert (await _run(client, _DASHBOARD))["viewer"]["dashboard"]["dueNow"] < 5
    restored = await _run(client, _RESTORE, {"cardIds": ids[3:]})
    assert [card["id"] for card in restored["restoreCards"]["cards"]] == ids[3:]


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_query(client: Client, name: str) -> None:
    await _run(client, DOCUMENTS[name], user="seed-2")


async def test_learner_sees_only_own_rows() -> None:
    """On the workers, too: with the context of one learner, and without one."""
    async with owner_connection(os.environ["CITUS_DATABASE_URL"]) as connection:
        one, other = await connection.fetch("select id from users where subject in ('seed-1', 'seed-2') order by id")
        for table in DISTRIBUTED_TABLES:
            for context, expected in ((f"set local app.user_id = '{one['id'].hex}'", 0), ("select 1", 0)):
                async with connection.transaction():
                    await connection.execute(f"set local role {APPLICATION_ROLE}; {context}")
                    count = f"select count(*) from {table} where user_id = $1"
                    assert await connection.fetchval(count, other["id"]) == expected, table


async def test_sessions_look_up_types_without_a_function_for_each_table() -> None:
    """asyncpg asks for the type of each array, which would take seconds."""
    async with owner_connection(os.environ["CITUS_DATABASE_URL"]) as connection:
        plan = await connection.fetch("explain select from pg_class")
        assert "relation_is_a_known_shard" not in "\n".join(row[0] for row in plan)


async def test_rows_are_distributed() -> None:
    async with owner_connection(os.environ["CITUS_DATABASE_URL"]) as connection:
        places = "select count(distinct nodeport) from citus_shards where table_name = 'cards'::regclass"
        assert await connection.fetchval(places) == 2
