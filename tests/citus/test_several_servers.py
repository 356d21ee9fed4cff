"""What reads several learners, or content with cards, returns the same as a single server that has the same rows."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from db.core.database import owner_connection
from db.distribution.citus import distribute
from db.maintenance import parameter_fits
from db.maintenance.streak_reminders import find_learners_at_risk
from domain.ids import global_id, new_id
from tests.clients import Client, client_of
from tests.distribution import check_totals, run_all
from tests.learner_progress import check_progress, check_visibility_of_book, check_visibility_of_chapter
from tests.review_assertions import days_ago

pytestmark = pytest.mark.skipif("CITUS_DATABASE_URL" not in os.environ, reason="`make citus` runs it, with Citus.")

# Of each word's first sentence: the word and its neighbours. The worker finds the real ones.
_SENTENCES = """
    insert into example_sentence_words (vocabulary_id, position, words, unknown_word_count)
    select vocabulary_id, position,
        array(select near.id from vocabulary as near where near.id >= vocabulary_id order by near.id limit 3), 0
    from example_sentences where position = 0 order by vocabulary_id limit 500
    on conflict do nothing
"""
_WORD = "select words[2] from example_sentence_words order by vocabulary_id offset 20 limit 1"


def _urls() -> tuple[str, str]:
    return os.environ["CITUS_SINGLE_URL"], os.environ["CITUS_DATABASE_URL"]


@pytest.fixture(scope="module")
async def clients() -> AsyncIterator[list[Client]]:
    """Of the single server, and of the cluster."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(client_of(url, None)) for url in _urls()]


@pytest.mark.parametrize("user", ["demo", "seed-1", "seed-2", None])
async def test_content_is_joined_with_cards(clients: list[Client], user: str | None) -> None:
    answers = []
    for client, url in zip(clients, _urls(), strict=True):
        async with owner_connection(url) as connection:
            await connection.execute(_SENTENCES)
            word = global_id("Vocabulary", await connection.fetchval(_WORD))
        answers.append(await run_all(client, word, user))
    single, distributed = answers
    assert distributed == single
    assert single["sentences of known words"]["exampleSentences"]["totalCount"] > 1
    if user is not None:
        books = single["coverage"]["books"]["nodes"]
        assert any(book["coverage"] and book["coverage"]["words"]["known"] for book in books)
        assert single["words to learn"]["book"]["wordsToLearn"]
        assert len(single["books by coverage"]["books"]["nodes"]) == 7


async def test_teachers_and_administrators_see_totals(clients: list[Client]) -> None:
    """Of learners on both servers."""
    _, client = clients
    await check_totals(client, f"teacher-{new_id()}", [f"seed-{number}" for number in range(1, 9)])


async def test_learners_at_risk_are_found() -> None:
    hour = datetime.now(UTC).hour
    evening = f"Etc/GMT{-((20 - hour + 12) % 24 - 12):+d}"
    found = [await _at_risk(url, evening) for url in _urls()]
    assert found[0] == found[1]
    assert 10 < len(found[0]) < 300


async def _at_risk(url: str, zone: str) -> dict[str, Any]:
    """By subject, of learners in an evening who last studied on one of several days."""
    async with owner_connection(url) as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            ids = await connection.fetchval(
                "select array_agg(id order by subject) from users where subject like 'seed-___'"
            )
            await connection.execute(
                "update user_settings set time_zone = $2, streak_freezes_per_month = 1 where user_id = any($1)",
                ids,
                zone,
            )
            await connection.execute("delete from review_days where user_id = any($1)", ids)
            today = await connection.fetchval("select ((now() at time zone $1) - interval '4 hours')::date", zone)
            await connection.execute(
                "insert into review_days (user_id, day, reviews, recalled, new_cards, duration_ms)"
                " select id, $2::date - number::int % 5 - ago, 1, 1, 0, 1"
                " from unnest($1::uuid[]) with ordinality as learners (id, number), generate_series(0, 5) as ago"
                " where number % 3 > 0",
                ids,
                today,
            )
            is_distributed = url == os.environ["CITUS_DATABASE_URL"]
            found = await find_learners_at_risk(connection, is_distributed=is_distributed)
            people = await connection.fetch("select id, subject from users where id = any($1)", ids)
            subjects = {person["id"]: person["subject"] for person in people}
            return {
                subjects[each.user_id]: (each.cause, each.streak_days) for each in found if each.user_id in subjects
            }
        finally:
            await transaction.rollback()


async def test_parameters_are_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parameter_fits, "MIN_REVIEWS", 50)
    # Of equal ones, any are taken first.
    monkeypatch.setattr(parameter_fits, "_MAX_LEARNERS", 1_000_000)
    single, distributed = [await _fitted(url) for url in _urls()]
    assert distributed == single
    assert len(single) > 20


async def _fitted(url: str) -> set[str]:
    async with owner_connection(url) as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute("update user_settings set scheduler = 'FSRS'")
            await parameter_fits.enqueue_parameter_fits(connection)
            rows = await connection.fetch(
                "select subject from users join jobs on user_id = users.id where kind = 'FIT_PARAMETERS'"
            )
            return {row["subject"] for row in rows}
        finally:
            await transaction.rollback()


async def test_progress_is_seen_and_follows_its_content(clients: list[Client]) -> None:
    """On both: content is deleted, which tests compare."""
    for client, url in zip(clients, _urls(), strict=True):
        await check_progress(client, url, days_ago(-7))
        await check_visibility_of_book(client, url)
        await check_visibility_of_chapter(client, url)


async def test_distribution_can_be_repeated() -> None:
    async with owner_connection(_urls()[1]) as connection:
        await distribute(connection, lambda _: None)
