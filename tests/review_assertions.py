"""Invariants of a learner's records: each card is the fold of its log, and each day the sum of its reviews."""

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from db.core.database import owner_connection
from domain.enums import ScheduleChangeKind, Scheduler
from domain.ids import CardId, global_id
from domain.scheduling import Answer, LogEntry, Schedule, ScheduleChange, SchedulingSettings, algorithm, effective, fold
from domain.scheduling.schedule_json import schedule_from_json
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


class _Records(NamedTuple):
    """What the database has of a learner."""

    settings: Any
    cards: list[Any]
    reviews: list[Any]
    changes: list[Any]
    keys: list[Any]
    days: list[Any]

    @classmethod
    async def read(cls, database_url: str, subject: str) -> "_Records":
        async with owner_connection(database_url) as connection:
            settings = await connection.fetchrow(
                "select user_settings.* from user_settings join users on users.id = user_id where subject = $1", subject
            )
            assert settings is not None
            tables = ("cards", "reviews", "schedule_changes", "review_keys", "review_days")
            rows = [
                await connection.fetch(f"select * from {table} where user_id = $1", settings["user_id"])
                for table in tables
            ]
        return cls(settings, *rows)

    def logs(self) -> dict[UUID, list[LogEntry]]:
        """The entries of each card that count."""
        logs: dict[UUID, list[LogEntry]] = defaultdict(list)
        for row in self.reviews:
            if not row["undone"] and row["rescheduled"]:
                values = (row["reviewed_at"], row["idempotency_key"], row["quality"], row["day"], row["due_day"])
                logs[row["card_id"]].append(Answer(*values))
        for row in self.changes:
            if not row["undone"]:
                kind = ScheduleChangeKind(row["kind"])
                imported = schedule_from_json(row["details"]) if kind is ScheduleChangeKind.IMPORT else None
                entry = ScheduleChange(
                    row["changed_at"], row["idempotency_key"], kind, row["day"], row["due_day"], row["days"], imported
                )
                for card in self.cards if row["card_id"] is None else [{"id": row["card_id"]}]:
                    logs[card["id"]].append(entry)
        return logs

    def check_cards(self, ids: Collection[UUID]) -> None:
        scheduling, logs = scheduling_settings(self.settings), self.logs()
        for card in self.cards:
            if card["id"] in ids and (log := logs[card["id"]]):
                expected = _folded(scheduling, card["id"], card["created_at"], tuple(log))
                assert {name: card[name] for name in SCHEDULE} == {name: getattr(expected, name) for name in SCHEDULE}


async def check_learner(database_url: str, subject: str) -> int:
    """Recomputes all records of a learner from the review log; returns the number of reviews."""
    records = await _Records.read(database_url, subject)
    keys, reviews = records.keys, records.reviews
    assert {(row["idempotency_key"], row["review_id"], row["reviewed_at"]) for row in keys} == {
        (row["idempotency_key"], row["id"], row["reviewed_at"]) for row in reviews
    }
    assert len(keys) == len(reviews)
    records.check_cards({card["id"] for card in records.cards})
    _check_days(records.days, reviews, records.logs())
    return len(reviews)


async def check_cards(database_url: str, subject: str, card_ids: Collection[UUID]) -> None:
    """Recomputes these cards of a learner from their logs."""
    (await _Records.read(database_url, subject)).check_cards(card_ids)


async def buried_cards(database_url: str, subject: str) -> dict[str, datetime]:
    """When cards that are hidden until the next day are shown again, by global id."""
    records = await _Records.read(database_url, subject)
    days, logs = algorithm(scheduling_settings(records.settings)).days, records.logs()
    today = days.day_of(datetime.now(UTC))
    found = {}
    for card in records.cards:
        day = None
        for entry in effective(sorted(logs[card["id"]], key=lambda entry: entry.sort_key)):
            if isinstance(entry, Answer) or entry.kind is ScheduleChangeKind.RESET:
                day = None
            elif entry.kind is ScheduleChangeKind.BURY and entry.due_day is not None:
                # After a journey to the west, the next day may be an earlier one.
                day = max(day or date.min, entry.due_day)
        if day and day > today and card["due_at"] == days.start_of(day) and card["deleted_at"] is None:
            found[global_id("Card", card["id"])] = card["due_at"]
    return found


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
        tuple(row["easy_days"]),
    )


# Most cards are unchanged in every test, so their fold is cached.
@lru_cache(maxsize=10_000)
def _folded(
    scheduling: SchedulingSettings, card_id: CardId, created_at: datetime, log: tuple[LogEntry, ...]
) -> Schedule:
    return fold(algorithm(scheduling), card_id, Schedule.initial(created_at), log)


def _check_days(days: list[Any], reviews: list[Any], logs: dict[UUID, list[LogEntry]]) -> None:
    expected: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
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
    for log in logs.values():
        previous = "RESET"
        for entry in sorted(log, key=lambda entry: entry.sort_key):
            if isinstance(entry, Answer):
                expected[entry.day][2] += previous == "RESET"
                previous = "ANSWER"
            elif entry.kind in (ScheduleChangeKind.RESET, ScheduleChangeKind.IMPORT):
                previous = entry.kind.value
    names = ("reviews", "recalled", "new_cards", "duration_ms", "crammed")
    found = {row["day"]: [row[name] for name in names] for row in days}
    assert {day: totals for day, totals in found.items() if any(totals)} == dict(expected)


@lru_cache(maxsize=100_000)
def study_day(moment: datetime, zone: ZoneInfo, starts_at_hour: int) -> date:
    """The study day in the learner's time zone, computed without the database."""
    return (moment.astimezone(zone).replace(tzinfo=None) - timedelta(hours=starts_at_hour)).date()
