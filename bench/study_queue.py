"""Latency of the study queue of a learner with 20,000 cards, in every order and mix of new cards, for both algorithms.

    python -m bench.study_queue         on the content of `make serve`, which must have loaded the dictionary

Starts `shinjp serve` on a free port. Creates learners, whose subjects begin with `bench-queue`, and keeps them for
later runs: one whose cards are all new, and one of whose cards half are new and the others in review, a quarter of them
due.
Prints the median, the 99th percentile and the number of statements of each variant as JSON.
"""

import asyncio
import time
from itertools import product
from typing import Any

import httpx

from bench.harness import database_url, headers, post, report, server, summary
from db.core.database import owner_connection
from domain.enums import NewCardMix, NewCardOrder, Scheduler

CARDS, FIRST, WARM_UP, RUNS = 20_000, 20, 5, 40
SHARES_NEW = {"bench-queue-new": 1.0, "bench-queue-half": 0.5}

SESSION = """
    query($first: Int, $filter: StudySessionFilter) { viewer { studySession(first: $first, filter: $filter) {
        cards { id state dueAt } newLeft learningLeft reviewsLeft nextDueAt
    } } }
"""
FILTERS: dict[str, dict[str, Any]] = {"withinLimits": {}, "ignoringLimits": {"ignoreLimits": True}}
# Every word with the same chance, so that new cards are of all levels.
CREATE = """
    with words as (select id, row_number() over (order by md5(id::text)) as number from vocabulary limit $2)
    insert into cards (id, user_id, vocabulary_id, state, due_at, due_day, interval_days, ease_factor, stability,
            difficulty, repetitions, lapses, first_reviewed_at, last_reviewed_at, last_reviewed_day, last_entry_at)
        select gen_random_uuid(), $1, id, case when is_new then 'NEW' else 'REVIEW' end,
            case when is_new then now() - interval '1 day'
                else date_trunc('day', now()) + (number % 120 - 30) * interval '1 day' end,
            case when not is_new then current_date + (number % 120 - 30)::int end,
            case when is_new then 0 else 1 + number % 90 end, 2.5,
            case when not is_new then 1 + number % 100 end, case when not is_new then 5 end,
            case when is_new then 0 else 3 end, 0,
            case when not is_new then now() - interval '200 days' end,
            case when not is_new then now() - interval '90 days' end,
            case when not is_new then current_date - 90 end,
            case when not is_new then now() - interval '90 days' end
        from words cross join lateral (select number <= $2 * $3::float8 as is_new) as kind
"""
SETTINGS = """
    update user_settings set scheduler = $2, new_card_mix = $3, new_card_order = $4, new_cards_per_day = 50,
        reviews_per_day = 200 where user_id = $1
"""


def main() -> None:
    with server() as url:
        report(cards=CARDS, **asyncio.run(_measure(url, database_url())))


async def _measure(url: str, database: str) -> dict[str, Any]:
    measured: dict[str, Any] = {}
    for subject, share in SHARES_NEW.items():
        async with owner_connection(database) as owner, httpx.AsyncClient(headers=headers(subject)) as client:
            await post(client, url, SESSION, {"first": 1})
            learner = await owner.fetchval("select id from users where subject = $1", subject)
            if await owner.fetchval("select count(*) from cards where user_id = $1", learner) != CARDS:
                await owner.execute(CREATE, learner, CARDS, share)
                await owner.execute("vacuum analyze cards")
            for scheduler, mix, order in product(Scheduler, NewCardMix, NewCardOrder):
                await owner.execute(SETTINGS, learner, scheduler.value, mix.value, order.value)
                for name, filter in FILTERS.items():
                    variant = f"{share:.0%} new, {scheduler}, {mix}, {order}, {name}"
                    measured[variant] = await _timed(client, url, {"first": FIRST, "filter": filter})
    slowest = max(measured, key=lambda variant: float(measured[variant]["medianMs"]))
    return {"slowest": {slowest: measured[slowest]}, "variants": measured}


async def _timed(client: httpx.AsyncClient, url: str, variables: dict[str, Any]) -> dict[str, float]:
    durations: list[float] = []
    for _ in range(WARM_UP + RUNS):
        started_at = time.perf_counter()
        body = await post(client, url, SESSION, variables)
        durations.append((time.perf_counter() - started_at) * 1000)
    return {
        "statements": body["extensions"]["stats"]["sqlStatements"],
        "minMs": round(min(durations), 2),
        **summary(durations[WARM_UP:]),
    }


if __name__ == "__main__":
    main()
