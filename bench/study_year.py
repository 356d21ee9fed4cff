"""A simulated year of study with 20 new cards a day, for both algorithms: the longest queue, and each day's limits.

    python -m bench.study_year          on the content of `make serve`

Runs the code of `studySession` and `reviewCards` on the database of `shinjp serve` at simulated times, the last of
which is today: each day a learner answers sessions until they are empty. A card in review is recalled with a chance of
90 %, one in learning steps or a new one with 80 %. Creates learners, whose subjects begin with `bench-year`, and
deletes them. Prints JSON; fails if a limit did not hold on a day.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import asyncpg

from bench.harness import database_url, report, server
from db.core.database import Database, open_database, owner_connection
from db.core.read_session import ReadSession
from db.core.transaction import run_transaction
from db.services import cards as card_service
from db.services import reviews as review_service
from domain.enums import CardKind, CardState, Role, Scheduler
from domain.ids import UserId, new_id
from domain.request_stats import RequestStatistics
from domain.reviews import SubmittedReview
from domain.viewer import Viewer
from resolvers.study import StudySession, StudySessionFilter, study_session

DAYS, NEW_CARDS, REVIEWS, SIZE = 365, 20, 200, 100
RECALLED, LEARNT = 0.9, 0.8
SECONDS_A_CARD = 8

LEARNER = """
    with learner as (
        insert into users (id, subject, email, display_name, role) values ($1, $2, '', 'Year', 'learner') returning id
    )
    insert into user_settings (user_id, scheduler, desired_retention, new_cards_per_day, reviews_per_day, time_zone)
        select id, $3, 0.9, $4, $5, 'Asia/Tokyo' from learner
"""
DONE = """
    select day, sum(new_cards)::int as new_cards, sum(reviews)::int as reviews from (
        select day, new_cards, 0 as reviews from review_days where user_id = $1
        union all
        select day, 0, count(distinct card_id) filter (where interval_days_before >= 1) from reviews
        where user_id = $1 and not undone group by day
    ) as done group by day order by day
"""


def main() -> None:
    with server():
        url = database_url()
        results = {scheduler.value: asyncio.run(_measure(url, scheduler)) for scheduler in Scheduler}
    report(days=DAYS, newCardsPerDay=NEW_CARDS, reviewsPerDay=REVIEWS, **results)
    if not all(result["limitsHeld"] for result in results.values()):
        raise SystemExit("a limit did not hold")


async def _measure(url: str, scheduler: Scheduler) -> dict[str, Any]:
    started_at, viewer = time.perf_counter(), Viewer(UserId(new_id()), Role.LEARNER)
    async with owner_connection(url) as owner, open_database(url, min_size=1, max_size=2) as database:
        await owner.execute(LEARNER, viewer.id, f"bench-year-{viewer.id}", scheduler.value, NEW_CARDS, REVIEWS)
        await owner.execute(
            "select create_month_partitions('reviews', (now() - interval '400 days')::date, now()::date)"
        )
        try:
            queues = await _Year(database, viewer, scheduler).study(await _words(owner))
            done = await owner.fetch(DONE, viewer.id)
        finally:
            await owner.execute("delete from users where id = $1", viewer.id)
    new, reviews = ([row[name] for row in done] for name in ("new_cards", "reviews"))
    return {
        "longestQueue": max(queues),
        "meanQueue": round(sum(queues) / DAYS, 1),
        "daysAboveReviewLimit": sum(queue > REVIEWS + NEW_CARDS for queue in queues),
        "newCardsADay": [min(new), max(new)],
        "mostReviewsADay": max(reviews),
        "reviews": sum(reviews),
        "limitsHeld": len(done) == DAYS and set(new) == {NEW_CARDS} and max(reviews) <= REVIEWS,
        "seconds": round(time.perf_counter() - started_at, 1),
    }


async def _words(owner: asyncpg.Connection) -> list[UUID]:
    rows = await owner.fetch("select id from vocabulary order by popularity desc, id limit $1", DAYS * NEW_CARDS)
    return [row["id"] for row in rows]


class _Year:
    """A learner who studies every day until no card is left."""

    def __init__(self, database: Database, viewer: Viewer, scheduler: Scheduler) -> None:
        self._database = database
        self._viewer = viewer
        self._chance = Random(scheduler.value)
        self._statistics = RequestStatistics()
        self._now = datetime.now(UTC).replace(hour=3, minute=0) - timedelta(days=DAYS)

    async def study(self, words: list[Any]) -> list[int]:
        """Return the number of due cards and allowed new ones at the start of each day."""
        for start in range(0, len(words), 1_000):
            chosen = words[start : start + 1_000]
            await self._write(partial(card_service.create_cards_of_words, word_ids=chosen, kind=CardKind.RECOGNITION))
        queues = []
        for _ in range(DAYS):
            self._now += timedelta(days=1)
            morning = self._now
            queues.append(await self._queue())
            while (session := await self._session(SIZE)).cards:
                await self._answer(session)
            self._now = morning
        return queues

    async def _queue(self) -> int:
        due = await self._session(1, ignore_limits=True)
        return due.reviews_left + due.learning_left + (await self._session(1)).new_left

    async def _answer(self, session: StudySession) -> None:
        answers = []
        for card in session.cards:
            self._now += timedelta(seconds=SECONDS_A_CARD)
            recalled = self._chance.random() < (RECALLED if card.state == CardState.REVIEW else LEARNT)
            quality = self._chance.choice((3, 4, 4, 4, 5)) if recalled else 1
            answers.append(SubmittedReview(card.id, quality, str(new_id()), self._now, SECONDS_A_CARD * 1_000))
        await self._write(partial(review_service.save_reviews, submitted=answers))

    async def _session(self, first: int, *, ignore_limits: bool = False) -> StudySession:
        reads = ReadSession(self._database, self._viewer, self._statistics)
        reads.now = self._now
        info: Any = SimpleNamespace(context=SimpleNamespace(now=self._now, reads=reads))
        filter = StudySessionFilter(ignore_limits=ignore_limits)
        return await study_session(self._viewer, info, first, filter)

    async def _write(self, work: Any) -> None:
        await run_transaction(self._database, self._viewer, self._now, "bench", self._statistics, work)


if __name__ == "__main__":
    main()
