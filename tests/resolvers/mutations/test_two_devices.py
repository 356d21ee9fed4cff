"""Two devices of a learner send reviews concurrently."""

import asyncio
import os
import random
from typing import Any

from db.core.database import owner_connection
from tests.clients import Client
from tests.review_assertions import answer, card_ids, check_learner, days_ago, review

# `make fuzz` runs many.
ROUNDS = int(os.environ.get("FUZZ_OPERATIONS", "1200")) // 20


async def test_overlapping_batches(checked_client: Client, writable_database_url: str) -> None:
    """In each round both devices review the same cards in different orders, and share some reviews."""
    cards = await card_ids(writable_database_url, "demo", 20)
    before = await check_learner(writable_database_url, "demo")
    drawn = random.Random("two devices")
    async with owner_connection(writable_database_url) as connection:
        deadlocks = "select deadlocks from pg_stat_database where datname = current_database()"
        deadlocks_before = await connection.fetchval(deadlocks)
        keys: set[str] = set()
        for number in range(ROUNDS):
            # Reviews that both devices have, and neither has sent yet.
            shared = [answer(cards[n], f"{number}-{n}", 4, reviewedAt=days_ago(n)) for n in {number % 20, 7}]
            batches = [shared + _own(cards, f"{number}-{device}", drawn) for device in ("phone", "tablet")]
            for batch in batches:
                drawn.shuffle(batch)
            keys |= {sent["idempotencyKey"] for batch in batches for sent in batch}
            for payload in await asyncio.gather(*(review(checked_client, batch) for batch in batches)):
                assert [result["error"] for result in payload["results"]] == [None] * len(payload["results"])
        assert await connection.fetchval(deadlocks) == deadlocks_before
    assert await check_learner(writable_database_url, "demo") == before + len(keys)


def _own(cards: list[str], prefix: str, drawn: random.Random) -> list[dict[str, Any]]:
    return [answer(cards[n], f"{prefix}-{n}", n % 6, reschedule=n % 4 > 0) for n in drawn.sample(range(len(cards)), 6)]
