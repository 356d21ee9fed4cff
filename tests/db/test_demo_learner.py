"""The generated history of the demo learner is consistent, like one written by the application."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.enums import CardState, Scheduler
from domain.scheduling import Answer, Schedule, SchedulingSettings, algorithm, fold
from tests.review_assertions import SCHEDULE

TOKYO = ZoneInfo("Asia/Tokyo")
DEMO = "(select id from users where subject = 'demo')"


async def test_demo_card_is_the_fold_of_its_reviews(owner: Any) -> None:
    answers = defaultdict(list)
    for row in await owner.fetch(f"select * from reviews where user_id = {DEMO}"):
        answers[row["card_id"]].append(
            Answer(row["reviewed_at"], row["idempotency_key"], row["quality"], row["day"], row["due_day"])
        )
        assert row["day"] == (row["reviewed_at"].astimezone(TOKYO) - timedelta(hours=4)).date()
    cards = await owner.fetch(f"select * from cards where user_id = {DEMO}")
    assert 600 <= len(cards) <= 1100
    assert {card["state"] for card in cards} == set(CardState)
    # Of each kind, some are due and some are not.
    kinds = {(card["kind"], card["kanji_id"] is not None, card["due_at"] < datetime.now(UTC)) for card in cards}
    assert kinds == {
        (kind, is_kanji, is_due)
        for kind, is_kanji in (("RECOGNITION", False), ("RECOGNITION", True), ("RECALL", False), ("READING", False))
        for is_due in (True, False)
    }
    sm2 = algorithm(SchedulingSettings(Scheduler.SM2, time_zone="Asia/Tokyo"))
    for card in cards:
        new = Schedule.initial(card["created_at"])
        folded = fold(sm2, card["id"], new, answers.pop(card["id"], []))
        assert {name: card[name] for name in SCHEDULE} == {name: getattr(folded, name) for name in SCHEDULE}
    assert not answers


async def test_demo_days_are_the_sums_of_reviews(owner: Any) -> None:
    counted: defaultdict[Any, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    seen = set()
    for row in await owner.fetch(f"select * from reviews where user_id = {DEMO} order by reviewed_at"):
        totals = counted[(row["reviewed_at"].astimezone(TOKYO) - timedelta(hours=4)).date()]
        for position, amount in enumerate((1, row["quality"] >= 3, row["card_id"] not in seen, row["duration_ms"])):
            totals[position] += amount
        seen.add(row["card_id"])
        assert 2_000 <= row["duration_ms"] <= 20_000
    days = await owner.fetch(f"select * from review_days where user_id = {DEMO}")
    assert {row["day"]: [*row.values()][2:6] for row in days} == counted


async def test_every_demo_review_has_its_key(owner: Any) -> None:
    columns = "user_id, idempotency_key, {} , reviewed_at"
    reviews = await owner.fetch(f"select {columns.format('id')} from reviews order by 2")
    keys = await owner.fetch(f"select {columns.format('review_id')} from review_keys order by 2")
    assert [tuple(row) for row in reviews] == [tuple(row) for row in keys] != []


async def test_demo_year_ends_yesterday_and_has_gaps(owner: Any) -> None:
    days = {row["day"] for row in await owner.fetch(f"select day from review_days where user_id = {DEMO}")}
    yesterday = (datetime.now(UTC).astimezone(TOKYO) - timedelta(hours=4, days=1)).date()
    assert {yesterday - timedelta(days=days_ago) for days_ago in range(14)} <= days
    assert (max(days) - min(days)).days > 350
    assert len(days) < 340
    assert await owner.fetchval(f"select count(*) from cards where user_id = {DEMO} and due_at < now()") > 10


async def test_reviews_are_in_monthly_partitions(owner: Any) -> None:
    assert await owner.fetchval("select count(*) from reviews_default") == 0


async def test_demo_learner_has_reading_progress_and_a_textbook(owner: Any) -> None:
    started, finished = await owner.fetchrow(
        f"select count(*), count(finished_at) from reading_progress where user_id = {DEMO}"
    )
    assert started > finished > 2
    assert await owner.fetchval(f"select count(*) from textbooks where owner_id = {DEMO} and not is_public") == 1
