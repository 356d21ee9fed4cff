"""Costs of reviews: batches of 1, 50 and 1,000; batches per second from 8 connections; the dashboard of learners with
1,000 and with 1,000,000 reviews.

    make bench                          on the content, and the rows added by `make seed`

Creates learners, whose subjects begin with `bench`, and keeps them for later runs. Prints JSON.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx

from bench.harness import database_url, headers, post, report, server, summary
from db.core.database import owner_connection

RUNS = {1: 200, 50: 100, 1_000: 20}
CARDS = 1_000
CONNECTIONS, BATCH, SECONDS = 8, 20, 10
HISTORIES = (1_000, 1_000_000)

REVIEW = """
    mutation($input: ReviewCardsInput!) { reviewCards(input: $input) { results { duplicate error { code } } } }
"""
REVIEW_AND_DASHBOARD = """
    mutation($input: ReviewCardsInput!) { reviewCards(input: $input) {
        results { duplicate error { code } card { dueAt } } dashboard { dueNow reviewsToday streakDays }
    } }
"""
DASHBOARD = """
    { viewer { dashboard {
        streakDays longestStreakDays dueNow reviewsToday newToday retention30d studyMinutes7d
        forecast { due } activity { reviews } levels { mature }
    } } }
"""
CREATE = """
    mutation { createCards(input: {jlptLevel: N1, limit: 1000}) { cards { id } } }
"""

# The requested number of reviews, spread evenly over a thousand days, and the totals of these days.
HISTORY = """
    insert into reviews (id, reviewed_at, user_id, card_id, idempotency_key, quality, interval_days_before,
            interval_days_after, duration_ms, day)
        select gen_random_uuid(), now() - (n % 1000) * interval '1 day' - n / 1000 * interval '10 seconds', $1,
            own[1 + n % array_length(own, 1)], 'bench-' || n, 4, 1, 2, 3000,
            ((now() - (n % 1000) * interval '1 day') at time zone 'UTC' - interval '4 hours')::date
        from generate_series(0, $2::int - 1) as n,
            (select array_agg(id) as own from cards where user_id = $1) as cards
"""
KEYS = """
    insert into review_keys (user_id, idempotency_key, review_id, reviewed_at)
        select user_id, idempotency_key, id, reviewed_at from reviews where user_id = $1
"""
DAYS = """
    insert into review_days (user_id, day, reviews, recalled, new_cards, duration_ms)
        select user_id, day, count(*), count(*), 0, 3000
        from reviews where user_id = $1 group by 1, 2
"""


def main() -> None:
    with server() as url:
        report(**asyncio.run(_measure(url, database_url())))


async def _measure(url: str, database_url: str) -> dict[str, Any]:
    return {
        "batches": {size: await _batches(url, size, runs) for size, runs in RUNS.items()},
        "throughput": await _throughput(url),
        "dashboard": {number: await _dashboard(url, database_url, number) for number in HISTORIES},
    }


async def _batches(url: str, size: int, runs: int) -> dict[str, float]:
    async with httpx.AsyncClient(headers=headers("bench"), timeout=60) as client:
        cards = await _cards(client, url)
        return await _timed(3, runs, lambda run: post(client, url, REVIEW, _batch(cards, run * size, size)))


async def _throughput(url: str) -> dict[str, float]:
    """Each connection has its own learner, and sends batches one after the other."""
    everybody_is_ready = asyncio.Barrier(CONNECTIONS)

    async def learner(number: int) -> int:
        async with httpx.AsyncClient(headers=headers(f"bench-{number}"), timeout=60) as client:
            cards = await _cards(client, url)
            await everybody_is_ready.wait()
            saved, ends_at = 0, time.perf_counter() + SECONDS
            while time.perf_counter() < ends_at:
                await post(client, url, REVIEW_AND_DASHBOARD, _batch(cards, saved * BATCH, BATCH))
                saved += 1
            return saved

    saved = sum(await asyncio.gather(*(learner(number) for number in range(CONNECTIONS))))
    return {
        "connections": CONNECTIONS,
        "reviewsABatch": BATCH,
        "batchesASecond": round(saved / SECONDS, 1),
        "reviewsASecond": round(saved * BATCH / SECONDS),
    }


async def _dashboard(url: str, database_url: str, number: int) -> dict[str, float]:
    subject = f"bench-history-{number}"
    async with httpx.AsyncClient(headers=headers(subject), timeout=60) as client:
        await _cards(client, url)
        await _make_history(database_url, subject, number)
        return await _timed(20, 200, lambda _: post(client, url, DASHBOARD))


async def _timed(warm_up: int, runs: int, ask: Callable[[int], Awaitable[Any]]) -> dict[str, float]:
    """The latency of the numbered requests, sent one after the other."""
    durations: list[float] = []
    for run in range(warm_up + runs):
        started_at = time.perf_counter()
        body = await ask(run)
        durations.append((time.perf_counter() - started_at) * 1000)
    return {"statements": body["extensions"]["stats"]["sqlStatements"], **summary(durations[warm_up:])}


async def _make_history(database_url: str, subject: str, number: int) -> None:
    async with owner_connection(database_url) as connection:
        learner = await connection.fetchval("select id from users where subject = $1", subject)
        if await connection.fetchval("select count(*) from reviews where user_id = $1", learner) == number:
            return
        await connection.execute(
            "select create_month_partitions('reviews', (now() - interval '1001 days')::date, now()::date)"
        )
        await connection.execute(HISTORY, learner, number)
        await connection.execute(KEYS, learner)
        await connection.execute(DAYS, learner)
        # As the worker does every ten minutes.
        await connection.execute("refresh materialized view concurrently private.learner_statistics")
        for table in ("reviews", "review_keys", "review_days"):
            await connection.execute(f"vacuum analyze {table}")


async def _cards(client: httpx.AsyncClient, url: str) -> list[str]:
    body = await post(client, url, CREATE)
    return [card["id"] for card in body["data"]["createCards"]["cards"]]


def _batch(cards: list[str], start: int, size: int) -> dict[str, Any]:
    chosen = [cards[(start + n) % CARDS] for n in range(size)]
    reviews = [{"cardId": card, "quality": 4, "durationMs": 3000, "idempotencyKey": str(uuid4())} for card in chosen]
    return {"input": {"reviews": reviews}}


if __name__ == "__main__":
    main()
