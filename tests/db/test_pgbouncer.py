"""The application behind Debian's PgBouncer in transaction mode. `make pgbouncer` runs more tests through it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients import Client, client_of
from tests.pgbouncer import needs_pgbouncer, pgbouncer, pooled_url
from tests.review_assertions import answer, card_ids, check_learner, review

pytestmark = needs_pgbouncer

VIEWER = "{ viewer { id dashboard { reviewsToday } } books(first: 3) { nodes { id title progress { percent } } } }"


@pytest.fixture(scope="module")
def pooler(servers: tuple[str, str]) -> Iterator[str]:
    with pgbouncer(servers[0]) as folder:
        yield folder


def settings(url: str) -> dict[str, Any]:
    return {"listen_database_url": url, "db_prepared_statements": False}


async def run(client: Client, user: str) -> Any:
    return (await client.run(VIEWER, user=user)).data["viewer"]


async def test_learners_share_connections_and_see_their_own_rows(
    writable_database_url: str, redis_url: str, pooler: str
) -> None:
    """Each transaction may have another connection of PostgreSQL, which the previous one used for someone else."""
    url = writable_database_url
    cards, before = await card_ids(url, "demo", 20), await check_learner(url, "demo")
    async with client_of(pooled_url(url, pooler), redis_url, **settings(url), db_pool_max=10) as client:
        users = ["demo", *(f"learner-{number}" for number in range(5))]
        ids = {user: (await run(client, user))["id"] for user in users}
        reviews = [review(client, [answer(card, f"key {card}")]) for card in cards]
        reads = [run(client, user) for user in users * 10]
        results = await asyncio.gather(*reviews, *reads)
        assert [read["id"] for read in results[len(reviews) :]] == [ids[user] for user in users * 10]
        # The mutation's response, and what other learners see.
        assert (await run(client, "demo"))["dashboard"]["reviewsToday"] >= len(cards)
        assert (await run(client, "learner-0"))["dashboard"]["reviewsToday"] == 0
    assert await check_learner(url, "demo") == before + len(cards)


async def test_changes_of_others_invalidate_cached_values(
    writable_database_url: str, redis_url: str, pooler: str
) -> None:
    """The listener bypasses PgBouncer."""
    url = writable_database_url
    books = "{ books(first: 1) { nodes { title } } }"
    async with (
        client_of(pooled_url(url, pooler), redis_url, **settings(url)) as one,
        client_of(pooled_url(url, pooler), redis_url, **settings(url)) as other,
    ):
        for client in (one, other):
            assert (await client.run(books)).data["books"]["nodes"][0]["title"] != "題"
        update = "mutation ($input: UpdateBookInput!) { updateBook(input: $input) { errors { code } } }"
        found = (await one.run("{ books(first: 1) { nodes { id version } } }", user="editor")).data["books"]["nodes"][0]
        values = {"id": found["id"], "expectedVersion": found["version"], "title": "題"}
        assert (await one.run(update, {"input": values}, user="editor")).data["updateBook"]["errors"] == []
        for client in (one, other):
            assert (await client.run(books)).data["books"]["nodes"][0]["title"] == "題"
