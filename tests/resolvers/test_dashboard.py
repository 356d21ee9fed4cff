"""The dashboard's statistics equal a count of the rows."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from db.core.database import owner_connection
from tests.clients import Client, client_of
from tests.databases import execute
from tests.review_assertions import study_day

QUERY = """
    { viewer { dashboard {
        streakDays longestStreakDays dueNow reviewsToday newToday retention30d studyMinutes7d
        forecast(days: 30) { date due }
        activity(days: 366) { date reviews recalled }
        levels { jlptLevel total learning mature }
        currentlyReading(first: 100) { status lastReadAt }
    } } }
"""


async def test_statistics_equal_a_count_of_the_rows(client: Client, owner: Any) -> None:
    found = (await client.run(QUERY, user="demo")).data["viewer"]["dashboard"]
    counted = await _count_by_hand(owner, "demo")
    for name, value in counted.items():
        assert found[name] == (pytest.approx(value) if isinstance(value, float) else value), name


async def test_all_totals_take_one_statement(client: Client) -> None:
    one = await client.run("{ viewer { dashboard { dueNow } } }", user="demo")
    all_ = await client.run(
        "{ viewer { dashboard { streakDays longestStreakDays dueNow reviewsToday newToday retention30d } } }",
        user="demo",
    )
    assert one.statements == all_.statements == 1


@pytest.mark.parametrize("time_zone", ["UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"])
async def test_days_are_in_the_learners_time_zone(writable_database_url: str, redis_url: str, time_zone: str) -> None:
    await execute(writable_database_url, f"update user_settings set time_zone = '{time_zone}'")
    async with client_of(writable_database_url, redis_url) as client:
        found = (await client.run(QUERY, user="demo")).data["viewer"]["dashboard"]
    today = study_day(datetime.now(UTC), ZoneInfo(time_zone), 4)
    assert found["forecast"][0]["date"] == found["activity"][-1]["date"] == str(today)
    assert len(found["forecast"]) == 30
    assert len(found["activity"]) == 366


async def test_change_of_a_past_day_counts_immediately(writable_database_url: str, redis_url: str) -> None:
    """The materialized view has past streaks; a late review may join two of them before a refresh."""
    today = datetime.now(UTC).date()
    gap = today - timedelta(days=20)
    days = [today - timedelta(days=n) for n in (*range(3), *range(10, 20), *range(21, 31))]
    async with (
        owner_connection(writable_database_url) as connection,
        # A write by SQL invalidates the cache asynchronously.
        client_of(writable_database_url, redis_url, cache="off") as client,
    ):
        user_id = await connection.fetchval("select id from users where subject = 'editor'")
        await _add_days(connection, user_id, days)
        await connection.execute("update review_days set updated_at = now() - interval '1 hour'")
        await connection.execute("refresh materialized view private.learner_statistics")
        assert await _streaks(client) == (3, 10)
        await _add_days(connection, user_id, [gap])
        assert await _streaks(client) == (3, 21)
        await connection.execute("update review_days set reviews = 0, updated_at = now() where day = $1", gap)
        assert await _streaks(client) == (3, 10)


async def _streaks(client: Client) -> tuple[int, int]:
    data = (await client.run("{ viewer { dashboard { streakDays longestStreakDays } } }", user="editor")).data
    return data["viewer"]["dashboard"]["streakDays"], data["viewer"]["dashboard"]["longestStreakDays"]


async def _add_days(connection: Any, user_id: UUID, days: list[date]) -> None:
    await connection.executemany(
        "insert into review_days (user_id, day, reviews, recalled, new_cards, duration_ms) values ($1, $2, 1, 1, 0, 1)"
        " on conflict (user_id, day) do update set reviews = 1, updated_at = now()",
        [(user_id, day) for day in days],
    )


async def _count_by_hand(owner: Any, subject: str) -> dict[str, Any]:
    user_id = await owner.fetchval("select id from users where subject = $1", subject)
    settings = await owner.fetchrow("select * from user_settings where user_id = $1", user_id)
    zone, hour, now = ZoneInfo(settings["time_zone"]), settings["day_starts_at_hour"], datetime.now(UTC)
    today = study_day(now, zone, hour)
    reviews = await owner.fetch(
        "select *, row_number() over (partition by card_id order by reviewed_at, idempotency_key) as nth"
        " from reviews where user_id = $1 and not undone",
        user_id,
    )
    day_of = {review["id"]: study_day(review["reviewed_at"], zone, hour) for review in reviews}
    reviewed, recalled = Counter(day_of.values()), Counter(day_of[r["id"]] for r in reviews if r["quality"] >= 3)
    month = [review for review in reviews if day_of[review["id"]] > today - timedelta(days=30)]
    week = [review for review in reviews if day_of[review["id"]] > today - timedelta(days=7)]
    cards = await owner.fetch(
        "select cards.*, jlpt_level from cards left join vocabulary on vocabulary.id = vocabulary_id"
        " where user_id = $1",
        user_id,
    )
    due = Counter(max(study_day(card["due_at"], zone, hour), today) for card in cards if not card["suspended"])
    # A word is known by the card that asks its meaning.
    words = [card for card in cards if card["kind"] == "RECOGNITION"]
    totals = dict(await owner.fetch("select jlpt_level, count(*) from vocabulary group by 1"))
    runs = _runs(sorted(reviewed))
    return {
        "streakDays": next((len(run) for run in runs if run[-1] >= today - timedelta(days=1)), 0),
        "longestStreakDays": max((len(run) for run in runs), default=0),
        "dueNow": sum(not card["suspended"] and card["due_at"] <= now for card in cards),
        "reviewsToday": reviewed[today],
        "newToday": sum(review["nth"] == 1 and day_of[review["id"]] == today for review in reviews),
        "retention30d": sum(review["quality"] >= 3 for review in month) / len(month),
        "studyMinutes7d": sum(review["duration_ms"] or 0 for review in week) / 60_000,
        "forecast": [{"date": str(day), "due": due[day]} for day in (today + timedelta(days=n) for n in range(30))],
        "activity": [
            {"date": str(day), "reviews": reviewed[day], "recalled": recalled[day]}
            for day in (today - timedelta(days=n) for n in range(365, -1, -1))
        ],
        "levels": [
            {
                "jlptLevel": level,
                "total": totals[level],
                "learning": sum(
                    card["jlpt_level"] == level and card["state"] != "NEW" and card["interval_days"] < 21
                    for card in words
                ),
                "mature": sum(card["jlpt_level"] == level and card["interval_days"] >= 21 for card in words),
            }
            for level in ("N5", "N4", "N3", "N2", "N1")
        ],
    }


def _runs(days: list[date]) -> list[list[date]]:
    runs = [days[:1]] if days else []
    for before, day in pairwise(days):
        if day - before == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs
