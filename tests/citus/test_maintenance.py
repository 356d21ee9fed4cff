"""Periodic tasks, of all learners, and loads of the dictionary run on Citus."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from content.dictionary import load_dictionary
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
from tests.content.jmdict import needs_jmdict

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


@needs_jmdict
async def test_releases_of_the_dictionary_are_loaded(owner: Any) -> None:
    # The second release has other entries, and some of the first.
    for every in (20_000, 10_000):
        await asyncio.to_thread(load_dictionary, os.environ["CITUS_DATABASE_URL"], lambda _: None, every=every)
    assert await owner.fetchval("select count(*) from vocabulary where jlpt_level is null") > 10
