"""Reviews that are saved without a transaction that stays open: as `save_reviews` saves them, or not at all."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest

from db.core.attempt import Attempt, run_attempt
from db.core.connection import Connection
from db.core.database import Database, open_database
from db.core.statement import Command, RowT
from db.core.transaction import CHANGES_SQL, Transaction
from db.services.reviews import attempt_reviews, save_reviews
from domain.enums import Role
from domain.ids import CardId
from domain.request_stats import RequestStatistics
from domain.reviews import SubmittedReview
from domain.viewer import Viewer
from tests.databases import column, execute

_CARDS = """
    select id from cards where user_id = (select id from users where subject = 'demo') and deleted_at is null
    order by state, id
"""
_UNFORGOTTEN = _CARDS.replace("order by", "and state = 'REVIEW' and lapses = 0 order by")
_SETTINGS = "update user_settings set {} where user_id = (select id from users where subject = 'demo')"
# Without random ids.
_SAVED = (
    "select to_jsonb(cards) - 'changed_in' from cards order by id",
    "select to_jsonb(reviews) - 'changed_in' - 'id' from reviews where idempotency_key like 'batch %'"
    " order by idempotency_key",
    "select to_jsonb(review_keys) - 'review_id' from review_keys where idempotency_key like 'batch %'"
    " order by idempotency_key",
    "select to_jsonb(review_days) - 'updated_at' from review_days order by day",
)
_TODAY = """
    insert into review_days (user_id, day, reviews, recalled, new_cards, duration_ms)
    select id, '{}', 1, 1, 0, 0 from users where subject = 'demo'
"""


@pytest.fixture
async def writable(writable_database_url: str) -> AsyncIterator[Database]:
    async with open_database(writable_database_url, min_size=1, max_size=2) as database:
        yield database


@pytest.fixture
async def demo(writable_database_url: str) -> Viewer:
    [id] = await column(writable_database_url, "select id from users where subject = 'demo'")
    return Viewer(id, Role.LEARNER)


def batch(cards: list[CardId], seed: int, now: datetime) -> list[SubmittedReview]:
    chance = Random(seed)
    times = (None, None, now + timedelta(hours=3), now - timedelta(seconds=1), now - timedelta(hours=20))
    return [
        SubmittedReview(
            card,
            chance.randrange(6),
            f"batch {number}",
            chance.choice(times),
            chance.choice((None, 0, 1_500, 90_000)),
        )
        for number, card in enumerate(cards)
    ]


async def saved(connection: Connection) -> list[list[Any]]:
    rows = [[row[0] for row in await connection.fetch(sql)] for sql in _SAVED]
    return [*rows, sorted((await connection.fetchval(CHANGES_SQL)).splitlines())]


_SHOWN = ("id", "state", "due_at", "due_day", "interval_days", "version", "flag")


def seen(results: Any) -> list[object]:
    """What a client may select, except for random ids."""
    return [
        [result._replace(card=None, review=result.review[1:]), *(getattr(result.card, name) for name in _SHOWN)]
        for result in results
    ]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "settings",
    [
        "scheduler = 'SM2', leech_action = 'MARK_ONLY', leech_threshold = 2",
        "scheduler = 'FSRS', leech_action = 'MARK_ONLY', leech_threshold = 1",
        "scheduler = 'FSRS', easy_days = '{1,1,1,1,1,0.5,0}', time_zone = 'Pacific/Auckland', leech_threshold = 0",
    ],
    ids=["SM2", "FSRS", "easy days"],
)
async def test_attempt_saves_what_a_transaction_saves(
    writable: Database, demo: Viewer, writable_database_url: str, settings: str, seed: int
) -> None:
    settings = f"streak_freezes_per_month = 0, vacation_at = null, {settings}"
    await execute(writable_database_url, _SETTINGS.format(settings))
    cards = Random(seed).sample(await column(writable_database_url, _CARDS), 30)
    # Newer than the logs of the demo learner, which may end in the future.
    [newest] = await column(writable_database_url, "select max(last_entry_at) from cards")
    now = max(newest, datetime.now(UTC)) + timedelta(days=2)
    submitted, statistics = batch(cards, seed, now), RequestStatistics()
    async with writable.transaction_of(demo) as connection:
        await connection.execute("savepoint before")
        attempted = await attempt_reviews(Attempt(connection, demo, now, statistics), submitted)
        assert attempted is not None
        assert statistics.sql_statements == (2 if "SM2" in settings else 3)
        found = await saved(connection)
        assert attempted[1] == await connection.fetchval(CHANGES_SQL)
        await connection.execute("rollback to savepoint before")
        transaction = Transaction(connection, demo, now, "request", RequestStatistics())
        results = await save_reviews(transaction, submitted)
        assert found == await saved(connection)
        assert seen(attempted[0]) == seen(results)
        assert len(found[1]) == len(found[2]) == len(cards)


class Interrupted(Attempt):
    """Another transaction commits between the reads and the write."""

    def __init__(self, connection: Connection, viewer: Viewer, now: datetime, url: str, change: str) -> None:
        super().__init__(connection, viewer, now, RequestStatistics())
        self._url, self._change = url, change

    async def save(self, command: Command[RowT], **values: object) -> RowT:
        await execute(self._url, self._change)
        return await super().save(command, **values)


@pytest.mark.parametrize(
    "change",
    [
        "update cards set flag = flag where id = '{card}'",
        "update cards set deleted_at = now() where id = '{card}'",
        "update user_settings set desired_retention = 0.8 where user_id = '{user}'",
        "insert into review_keys (user_id, idempotency_key, review_id, reviewed_at)"
        " values ('{user}', 'batch 1', gen_random_uuid(), now())",
    ],
    ids=["card", "deleted card", "settings", "key"],
)
async def test_attempt_saves_nothing_after_a_change(
    writable: Database, demo: Viewer, writable_database_url: str, change: str
) -> None:
    await execute(writable_database_url, _SETTINGS.format("streak_freezes_per_month = 0, vacation_at = null"))
    cards = (await column(writable_database_url, _CARDS))[:3]
    now = datetime.now(UTC) + timedelta(days=2)
    submitted = [SubmittedReview(card, 4, f"batch {number}") for number, card in enumerate(cards)]
    change = change.format(card=cards[1], user=demo.id)

    async def interrupted(attempt: Attempt) -> Any:
        between = Interrupted(attempt._connection, demo, now, writable_database_url, change)
        return await attempt_reviews(between, submitted)

    assert await run_attempt(writable, demo, now, RequestStatistics(), interrupted, on_commit) is None
    assert await column(writable_database_url, "select id from reviews where idempotency_key like 'batch %'") == []
    usual = partial(attempt_reviews, submitted=submitted[2:])
    assert await run_attempt(writable, demo, now, RequestStatistics(), usual, on_commit) is not None


async def on_commit(_: object) -> None:
    """Nothing is cached."""


@pytest.mark.parametrize(
    ("prepare", "is_saved"),
    [
        ("update cards set deleted_at = now() where id = '{card}'", False),
        ("update cards set user_id = (select id from users where subject = 'editor') where id = '{card}'", False),
        ("update cards set last_entry_at = '{now}' where id = '{card}'", False),
        ("update user_settings set vacation_at = '{now}' where user_id = '{user}'", False),
        ("update user_settings set streak_freezes_per_month = 2 where user_id = '{user}'", False),
        ("update user_settings set streak_freezes_per_month = 2 where user_id = '{user}';" + _TODAY, True),
        ("update user_settings set leech_action = 'SUSPEND', leech_threshold = 1 where user_id = '{user}'", False),
        ("select", True),
    ],
    ids=["deleted", "of another", "late", "vacation", "first of a day", "second of a day", "leech", "usual"],
)
async def test_attempt_saves_usual_batches_only(
    writable: Database, demo: Viewer, writable_database_url: str, prepare: str, is_saved: bool
) -> None:
    await execute(
        writable_database_url,
        _SETTINGS.format(
            "scheduler = 'SM2', time_zone = 'Asia/Tokyo', streak_freezes_per_month = 0, leech_action = 'MARK_ONLY'"
        ),
    )
    cards = await column(writable_database_url, _UNFORGOTTEN)
    now = datetime.now(UTC) + timedelta(days=2)
    await execute(
        writable_database_url,
        prepare.format((now + timedelta(hours=9 - 4)).date(), card=cards[1], user=demo.id, now=now),
    )
    submitted = [SubmittedReview(card, 0, f"batch {number}") for number, card in enumerate(cards[:3])]
    usual = partial(attempt_reviews, submitted=submitted)
    found = await run_attempt(writable, demo, now, RequestStatistics(), usual, on_commit)
    assert (found is not None) == is_saved
    keys = await column(writable_database_url, "select 1 from review_keys where idempotency_key like 'batch %'")
    assert len(keys) == (3 if is_saved else 0)
