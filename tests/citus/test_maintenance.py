"""Periodic tasks, of all learners, run on Citus."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from db.core.database import owner_connection
from db.maintenance import card_statistics, review_statistics
from db.maintenance.analytics import count_recent_days
from db.maintenance.card_statistics import count_cards
from db.maintenance.materialized_views import refresh_statistics
from db.maintenance.parameter_fits import enqueue_parameter_fits
from db.maintenance.partitions import create_partitions
from db.maintenance.retention import purge_expired
from db.maintenance.review_statistics import count_reviews
from db.maintenance.streak_reminders import remind_of_streaks

pytestmark = pytest.mark.skipif("CITUS_DATABASE_URL" not in os.environ, reason="`make citus` runs it, with Citus.")

TASKS: dict[str, Callable[[Any], Awaitable[None]]] = {
    task.__name__: task
    for task in (
        *(count_recent_days, count_cards, refresh_statistics, enqueue_parameter_fits, create_partitions, purge_expired),
        *(count_reviews, remind_of_streaks),
    )
}


@pytest.fixture
async def owner() -> AsyncIterator[Any]:
    async with owner_connection(os.environ["CITUS_DATABASE_URL"]) as connection:
        yield connection


@pytest.mark.parametrize("name", TASKS)
async def test_task(owner: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of a few learners.
    monkeypatch.setattr(card_statistics, "_MAX_LEARNERS", 20)
    monkeypatch.setattr(review_statistics, "_MAX_DAYS", 200)
    transaction = owner.transaction()
    await transaction.start()
    try:
        await TASKS[name](owner)
    finally:
        await transaction.rollback()
