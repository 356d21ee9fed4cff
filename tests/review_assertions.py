"""Invariants of a learner's records: each card is the fold of its log, and each day the sum of its reviews."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from db.core.database import owner_connection
from domain.enums import ScheduleChangeKind, Scheduler
from domain.ids import CardId, global_id
from domain.scheduling import Answer, LogEntry, Schedule, ScheduleChange, SchedulingSettings, algorithm, fold
from tests.clients import Client

SCHEDULE = Schedule._fields
REVIEW = """
    mutation($input: ReviewCardsInput!) { reviewCards(input: $input) {
        results { idempotencyKey duplicate error { code message path } review { id quality reviewedAt undone }
            card { id state dueAt intervalDays repetitions version } }
        dashboard { dueNow reviewsToday newToday }
        errors { code message path }
    } }
"""
UNDO = """
    mutation($input: UndoReviewsInput!) { undoReviews(input: $input) {
        cards { id state dueAt version } errors { code message path }
    } }
"""

# For `card_ids`.
NEW, LEARNT = "state = 'NEW' and not suspended", "state = 'REVIEW' and not suspended"


def answer(card_id: str, key: str, quality: int = 4, **more: Any) -> dict[str, Any]:
    return {"cardId": card_id, "quality": quality, "idempotencyKey": key, **more}


def days_ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


async def card_ids(database_url: str, subject: str, number: int, where: str = "true") -> list[str]:
    """Global ids of cards of a learner, in the order of their due dates."""
    async with owner_connection(database_url) as connection:
        rows = await connection.fetch(
            "select cards.id from cards join users on users.id = user_id where subject = $1"
            f" and {where} order by due_at, cards.id limit $2",
            subject,
            number,
        )
    assert len(rows) == number
    return [global_id("Card", row["id"]) for row in rows]


async def review(client: Client, reviews: list[dict[str, Any]], user: str = "demo") -> Any:
    """The payload of a batch."""
    return (await client.run(REVIEW, {"input": {"reviews": reviews}}, user=user)).data["reviewCards"]


async def undo(client: Client, review_ids: list[str], user: str = "demo") -> Any:
    """The payload of undoing reviews."""
    return (await client.run(UNDO, {"input": {"reviewIds": review_ids}}, user=user)).data["undoReviews"]


async def dashboard(client: Client) -> dict[str, int]:
    data = (await client.run("{ viewer { dashboard { dueNow reviewsToday newToday } } }", user="demo")).data
    found: dict[str, int] = data["viewer"]["dashboard"]
    return found


async def check_learner(database_url: str, subject: str) -> int:
    """Recomputes all records of a learner from the review log; returns the number of reviews."""
    async with owner_connection(database_url) as connection:
        settings = await connection.fetchrow(
            "select user_settings.* from user_settings join users on users.id = user_id where subject = $1", subject
        )
        assert settings is not None
        learner = settings["user_id"]
        cards = await connection.fetch("select * from cards where user_id = $1", learner)
        reviews = await connection.fetch("select * from reviews where user_id = $1 order by reviewed_at", learner)
        changes = await connection.fetch("select * from schedule_changes where user_id = $1", learner)
        keys = await connection.fetch("select * from review_keys where user_id = $1", learner)
        days = await connection.fetch("select * from review_days where user_id = $1", learner)
    assert {(row["idempotency_key"], row["review_id"], row["reviewed_at"]) for row in keys} == {
        (row["idempotency_key"], row["id"], row["reviewed_at"]) for row in reviews
    }
    assert len(keys) == len(reviews)
    _check_cards(settings, cards, reviews, changes)
    _check_days(days, reviews)
    return len(reviews)


def _check_cards(settings: Any, cards: list[Any], reviews: list[Any], changes: list[Any]) -> None:
    scheduling = scheduling_settings(settings)
    logs: dict[UUID, list[LogEntry]] = defaultdict(list)
    for row in reviews:
        if not row["undone"] and row["rescheduled"]:
            values = (row["reviewed_at"], row["idempotency_key"], row["quality"], row["day"], row["due_day"])
            logs[row["card_id"]].append(Answer(*values))
    for row in changes:
        if not row["undone"]:
            kind = ScheduleChangeKind(row["kind"])
            entry = ScheduleChange(
                row["changed_at"], row["idempotency_key"], kind, row["day"], row["due_day"], row["days"]
            )
            for card in cards if row["card_id"] is None else [{"id": row["card_id"]}]:
                logs[card["id"]].append(entry)
    for card in cards:
        if log := logs[card["id"]]:
            expected = _folded(scheduling, card["id"], card["created_at"], tuple(log))
            assert {name: card[name] for name in SCHEDULE} == {name: getattr(expected, name) for name in SCHEDULE}


def scheduling_settings(row: Any) -> SchedulingSettings:
    """The settings of a row of `user_settings`."""
    return SchedulingSettings(
        Scheduler(row["scheduler"]),
        row["desired_retention"],
        row["time_zone"],
        row["day_starts_at_hour"],
        tuple(row["learning_steps"]),
        tuple(row["relearning_steps"]),
        row["max_interval_days"],
        tuple(row["fsrs_parameters"] or ()),
    )


# Most cards are unchanged in every test, so their fold is cached.
@lru_cache(maxsize=10_000)
def _folded(
    scheduling: SchedulingSettings, card_id: CardId, created_at: datetime, log: tuple[LogEntry, ...]
) -> Schedule:
    return fold(algorithm(scheduling), card_id, Schedule.initial(created_at), log)


def _check_days(days: list[Any], reviews: list[Any]) -> None:
    expected: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    first: dict[UUID, tuple[datetime, str, date]] = {}
    for row in reviews:
        if row["undone"]:
            continue
        totals = expected[row["day"]]
        totals[0] += 1
        totals[3] += row["duration_ms"] or 0
        if not row["rescheduled"]:
            totals[4] += 1
            continue
        totals[1] += row["quality"] >= 3
        at = (row["reviewed_at"], row["idempotency_key"], row["day"])
        first[row["card_id"]] = min(first.get(row["card_id"], at), at)
    for *_, day in first.values():
        expected[day][2] += 1
    names = ("reviews", "recalled", "new_cards", "duration_ms", "crammed")
    found = {row["day"]: [row[name] for name in names] for row in days}
    assert {day: totals for day, totals in found.items() if any(totals)} == dict(expected)


@lru_cache(maxsize=100_000)
def study_day(moment: datetime, zone: ZoneInfo, starts_at_hour: int) -> date:
    """The study day in the learner's time zone, computed without the database."""
    return (moment.astimezone(zone).replace(tzinfo=None) - timedelta(hours=starts_at_hour)).date()
