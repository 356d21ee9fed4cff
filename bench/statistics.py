"""Latency and statements of a learner's statistics, with 20,000 cards and 1,000,000 reviews.

    python -m bench.statistics          on the content; with the dictionary, which has enough words

Creates the learner, and keeps it for later runs. Prints JSON: for each selection the statements, the latency over HTTP,
and the CPU of PostgreSQL, which other load changes less; the same while the present day has 1,000 reviews that are not
counted; and the seconds in which the worker counts all days.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from bench.harness import database_url, headers, post, report, server, summary
from db.core.database import owner_connection
from db.maintenance.card_statistics import count_all_cards
from db.maintenance.review_statistics import count_all_reviews

SUBJECT = "bench-statistics"
CARDS, REVIEWS, DAYS = 20_000, 1_000_000, 1_000
WARM_UP, RUNS = 6, 30

SELECTIONS = {
    "recall": """
        reviews studyMinutes secondsPerReview trueRetention byMaturity { retention } byInterval { retention }
        byLevel { retention } byHour { retention } calibration { predicted retention }
    """,
    "periods": "periods(unit: MONTH) { startsOn reviews studyMinutes added started new learning young mature }",
    "forecast": "forecast(days: 90) { date learning young mature }",
    "hardestCards": "hardestCards { card { lapses vocabulary { word } } retention }",
}
SELECTIONS["all"] = f"{' '.join(SELECTIONS.values())} streakDays longestStreakDays"
# Ranges in days, up to today.
RANGES = {"year": 366, "all": 1_100}

CREATE = """
    insert into cards (id, user_id, vocabulary_id, state, due_at, due_day, interval_days, ease_factor, stability,
            difficulty, repetitions, lapses, created_at, first_reviewed_at, last_reviewed_at, last_reviewed_day,
            last_entry_at)
        select gen_random_uuid(), $1, id, 'REVIEW', now() + n % 200 * interval '1 day', current_date + n % 200,
            1 + n % 200, 2.5, 1 + n % 200, 5, 5, n % 12, now() - (20 + n % 981) * interval '1 day',
            now() - (20 + n % 981) * interval '1 day', now(), current_date, now()
        from (select id, row_number() over (order by popularity desc, id)::int as n from vocabulary limit $2) as words
"""
# A card is reviewed every 20 days, with intervals that follow each other. Hours are those of the evening.
REVIEW = """
    insert into reviews (id, reviewed_at, user_id, card_id, idempotency_key, quality, interval_days_before,
            interval_days_after, duration_ms, day, hour, retrievability)
        select gen_random_uuid(), at, $1, own[1 + (n % $3 * $2 / 50 + n / $3 % ($2 / 50)) % array_length(own, 1)],
            'bench-' || n, case when n % 10 = 0 then 1 else 3 + n % 3 end, n / 20 % 90, (n / 20 + 1) % 90,
            2000 + n * 7919 % 9000, (at at time zone 'UTC' - interval '4 hours')::date, n % 24, 6000 + n * 31 % 4000
        from (select n::bigint as n, now() - (n % $3) * interval '1 day' - n / $3 * interval '5 seconds' as at
                from generate_series(0, $4::int - 1) as n) as times,
            (select array_agg(id) as own from cards where user_id = $1) as cards
"""
DAYS_OF_REVIEWS = """
    insert into review_days (user_id, day, reviews, recalled, new_cards, duration_ms)
        select user_id, day, count(*), count(*) filter (where quality >= 3), 0, sum(duration_ms)
        from reviews where user_id = $1 group by 1, 2
"""


def main() -> None:
    with server() as url:
        report(**asyncio.run(_measure(url, database_url())))


async def _measure(url: str, database_url: str) -> dict[str, Any]:
    async with (
        httpx.AsyncClient(headers=headers(SUBJECT), timeout=600) as client,
        owner_connection(database_url) as connection,
    ):
        await post(client, url, "{ viewer { id } }")
        learner = await connection.fetchval("select id from users where subject = $1", SUBJECT)
        await make_history(connection, learner)
        await count_all_reviews(connection)
        await count_all_cards(connection)
        counted = {name: await _range(client, connection, url, days) for name, days in RANGES.items()}
        await connection.execute(
            "update review_days set updated_at = now() where (user_id, day) in"
            " (select user_id, max(day) from review_days where user_id = $1 group by 1)",
            learner,
        )
        present = {name: await _range(client, connection, url, days) for name, days in RANGES.items()}
        await connection.execute("delete from statistics_days where user_id = $1", learner)
        started_at = time.perf_counter()
        days = await count_all_reviews(connection)
        return {
            "counted": counted,
            "presentDayInLog": present,
            "counting": {"days": days, "seconds": round(time.perf_counter() - started_at, 1)},
        }


async def _range(client: httpx.AsyncClient, connection: asyncpg.Connection, url: str, days: int) -> dict[str, Any]:
    to = datetime.now(UTC).date()
    range = f'from: "{to - timedelta(days=days - 1)}", to: "{to}"'
    return {
        name: await _timed(client, connection, url, f"{{ viewer {{ statistics({range}) {{ {fields} }} }} }}")
        for name, fields in SELECTIONS.items()
    }


async def _timed(client: httpx.AsyncClient, connection: asyncpg.Connection, url: str, query: str) -> dict[str, float]:
    durations: list[float] = []
    for run in range(WARM_UP + RUNS):
        if run == WARM_UP:
            cpu_before = await _database_cpu_ms(connection)
        started_at = time.perf_counter()
        body = await post(client, url, query)
        durations.append((time.perf_counter() - started_at) * 1000)
    cpu = await _database_cpu_ms(connection) - cpu_before
    measured = sorted(durations[WARM_UP:])
    return {
        "statements": body["extensions"]["stats"]["sqlStatements"],
        "leastMs": round(measured[0], 2),
        **summary(measured),
        "databaseCpuMs": round(cpu / RUNS, 2),
    }


async def _database_cpu_ms(connection: asyncpg.Connection) -> float:
    """Of all connections but this one."""
    pids = await connection.fetch(
        "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    )
    return sum(_cpu_ns(row["pid"]) for row in pids) / 1_000_000


def _cpu_ns(pid: int) -> int:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])


async def make_history(connection: asyncpg.Connection, learner: UUID) -> None:
    """Create the cards and reviews of a learner, unless they exist."""
    if await connection.fetchval("select count(*) from reviews where user_id = $1", learner) == REVIEWS:
        return
    await connection.execute(
        "select create_month_partitions('reviews', (now() - interval '1010 days')::date, now()::date)"
    )
    await connection.execute(CREATE, learner, CARDS)
    await connection.execute(REVIEW, learner, CARDS, DAYS, REVIEWS)
    await connection.execute(DAYS_OF_REVIEWS, learner)
    for table in ("cards", "reviews", "review_days"):
        await connection.execute(f"vacuum analyze {table}")


if __name__ == "__main__":
    main()
