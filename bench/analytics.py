"""Analytics of a year with 10,000,000 days of learners with reviews: latency and statements of each part.

    make serve    # in another terminal, then stop it
    python -m bench.analytics

The totals of days are generated: 27,397 active learners on each of 365 days, and for each day a row for each of the
366 days on which their previous reviews can be, which is the largest number of rows. At the end the totals are counted
again from the database. Requests are sent to `shinjp serve` one after the other, without the cache and with it;
measured by the client. Prints JSON.
"""

import asyncio
import time
from typing import Any

import httpx

from bench.harness import database_url, headers, report, served, summary
from db.core.database import owner_connection
from db.maintenance.analytics import count_history

REQUESTS = 50
REVIEW_DAYS = 10_000_000
LEARNERS = REVIEW_DAYS // 365
FILL = f"""
    delete from analytics_days; delete from analytics_gaps; delete from analytics_cohorts;
    insert into analytics_days (day, active_learners, weekly_active_learners, monthly_active_learners, reviews,
            recalled, new_cards, duration_ms, new_learners)
        select day, {LEARNERS}, {2 * LEARNERS}, {3 * LEARNERS}, {40 * LEARNERS}, {35 * LEARNERS}, {5 * LEARNERS},
            {40 * LEARNERS * 6000}::bigint, 100
        from generate_series('2025-01-01'::date, '2025-12-31', '1 day') as day;
    insert into analytics_gaps (day, previous_day, learners)
        select day, day::date - gap, {LEARNERS // 366}
        from generate_series('2025-01-01'::date, '2025-12-31', '1 day') as day, generate_series(1, 366) as gap;
    insert into analytics_cohorts (cohort, week, learners)
        select cohort, week, 700 / (week + 1)
        from generate_series('2024-12-30'::date, '2025-12-29', '7 days') as cohort, generate_series(0, 52) as week;
    delete from analytics_word_days; delete from analytics_word_months;
    insert into analytics_word_months (month, vocabulary_id, reviews, lapses)
        select month, id, 1000, hashtext(id::text) & 511
        from generate_series('2025-01-01'::date, '2025-12-01', '1 month') as month,
            (select id from vocabulary limit 20000) as words;
    analyze analytics_days, analytics_gaps, analytics_cohorts, analytics_word_months
"""
PARTS = {
    "totals": "activeLearners newLearners reviews retention newCards studyMinutes booksFinished textbooksGenerated",
    "days": "days { date activeLearners weeklyActiveLearners monthlyActiveLearners reviews retention }",
    "cohorts": "cohorts { week learners retention }",
    "words": "topVocabulary(first: 10) { reviews lapseRate vocabulary { word } }",
}
QUERY = '{ admin { analytics(from: "2025-01-01", to: "2025-12-31") { %s } } }'


def main() -> None:
    found: dict[str, Any] = {}
    for cache in ("off", "on"):
        with (
            served("--no-worker", CACHE=cache) as process,
            httpx.Client(headers=headers("admin"), timeout=60) as client,
        ):
            asyncio.run(_fill())
            try:
                found[f"cache {cache}"] = {
                    name: _measure(client, process.url, QUERY % part)
                    for name, part in {**PARTS, "all": " ".join(PARTS.values())}.items()
                }
            finally:
                asyncio.run(_restore())
    report(reviewDays=REVIEW_DAYS, requests=REQUESTS, latency=found)


def _measure(client: httpx.Client, url: str, query: str) -> dict[str, float]:
    times, statements = [], 0
    for _ in range(REQUESTS):
        started_at = time.perf_counter()
        answer = client.post(url, json={"query": query}).json()
        times.append((time.perf_counter() - started_at) * 1000)
        assert "errors" not in answer, answer["errors"]
        statements = max(statements, answer["extensions"]["stats"]["sqlStatements"])
    return {**summary(times), "statements": statements}


async def _fill() -> None:
    async with owner_connection(database_url()) as connection:
        await connection.execute(FILL)


async def _restore() -> None:
    async with owner_connection(database_url()) as connection:
        await connection.execute(
            "delete from analytics_days; delete from analytics_gaps; delete from analytics_cohorts;"
            " delete from analytics_word_months"
        )
        await count_history(connection)


if __name__ == "__main__":
    main()
