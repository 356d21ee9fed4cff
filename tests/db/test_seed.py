"""Seeded benchmark data has the requested size and is consistent, like data written by the application."""

from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

import pytest

from db.core.database import owner_connection
from domain.enums import CardState, Scheduler
from domain.scheduling import Answer, Schedule, SchedulingSettings, algorithm, fold
from tests.databases import created
from tests.processes import shinjp

AMOUNTS = {"learners": 40, "cards": 400, "reviews": 4_000, "books": 200, "textbooks": 20, "reading-progress": 120}
SEEDED = "(select id from users where subject like 'seed-%')"


async def run_seed(url: str) -> None:
    arguments = [text for name, amount in AMOUNTS.items() for text in (f"--{name}", str(amount))]
    status, _, errors = await shinjp("seed", *arguments, DATABASE_URL=url)
    assert status == 0, errors


async def counts(connection: Any) -> dict[str, int]:
    own = {"cards": "user_id", "reviews": "user_id", "reading_progress": "user_id", "review_keys": "user_id"}
    statements = {table: f"select count(*) from {table} where {column} in {SEEDED}" for table, column in own.items()}
    statements["users"] = "select count(*) from users where subject like 'seed-%'"
    statements |= {table: f"select count(*) from {table}" for table in ("books", "textbooks", "chapters")}
    return {name: await connection.fetchval(statement) for name, statement in statements.items()}


@pytest.fixture(scope="module")
async def seeded(servers: tuple[str, str], template: str) -> AsyncIterator[tuple[str, Any]]:
    async with created(servers[0], f"{template}_seeded", template) as url:
        await run_seed(url)
        async with owner_connection(url) as connection:
            yield url, connection


async def test_seed_is_idempotent(seeded: tuple[str, Any]) -> None:
    url, connection = seeded
    found = await counts(connection)
    assert found["users"] == 40
    assert found["cards"] == 400
    assert found["reviews"] == found["review_keys"] == 4_000
    assert found["reading_progress"] == 120
    assert found["books"] == 200
    assert found["textbooks"] == 20
    await run_seed(url)
    assert await counts(connection) == found


async def test_seeded_card_matches_its_last_review(seeded: tuple[str, Any]) -> None:
    _, connection = seeded
    answers = defaultdict(list)
    for row in await connection.fetch(f"select * from reviews where user_id in {SEEDED}"):
        answers[row["card_id"]].append(Answer(row["reviewed_at"], row["idempotency_key"], row["quality"], row["day"]))
    sm2 = algorithm(SchedulingSettings(Scheduler.SM2))
    for card in await connection.fetch(f"select * from cards where user_id in {SEEDED}"):
        of_card = answers.pop(card["id"])
        folded = fold(sm2, card["id"], Schedule.initial(card["created_at"]), of_card)
        assert len(of_card) == 10
        for name in ("first_reviewed_at", "last_reviewed_at", "last_reviewed_day", "last_entry_at"):
            assert card[name] == getattr(folded, name)
        assert card["due_at"] == sm2.days.start_of(card["due_day"])
        assert (card["repetitions"], card["lapses"], CardState(card["state"])) == (
            folded.repetitions,
            folded.lapses,
            folded.state,
        )
    assert not answers


async def test_seeded_days_are_the_sums_of_reviews(seeded: tuple[str, Any]) -> None:
    _, connection = seeded
    columns = "count(*), count(*) filter (where quality >= 3), sum(duration_ms)"
    counted = await connection.fetch(
        f"select user_id, ((reviewed_at at time zone 'UTC') - interval '4 hours')::date as day, {columns} from reviews"
        f" where user_id in {SEEDED} group by 1, 2 order by 1, 2"
    )
    days = await connection.fetch(
        f"select user_id, day, reviews, recalled, duration_ms from review_days where user_id in {SEEDED} order by 1, 2"
    )
    assert [tuple(row) for row in days] == [tuple(row) for row in counted] != []
    assert await connection.fetchval(f"select sum(new_cards) from review_days where user_id in {SEEDED}") == 400


async def test_reviews_are_in_monthly_partitions(seeded: tuple[str, Any]) -> None:
    assert await seeded[1].fetchval("select count(*) from reviews_default") == 0


async def test_seeded_learner_has_a_dashboard(seeded: tuple[str, Any]) -> None:
    _, connection = seeded
    row = await connection.fetchrow(
        "select count(*) as learners, min(longest_streak_days) as shortest from private.learner_statistics"
        f" where user_id in {SEEDED}"
    )
    assert row["learners"] == 40
    assert row["shortest"] > 0
