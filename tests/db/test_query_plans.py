"""Lists use their index, on every page and in every order.

The plans of the most frequent operations are in `tests/statements/operations`.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from db.commands.imported_cards import lock_cards_of_subjects
from db.commands.saved_reviews import save_imported
from db.commands.schedule_changes import changes_by_card_id
from db.core.database import APPLICATION_ROLE, owner_connection
from db.core.keyset import BEYOND, page_parameters
from db.core.pagination import PagedQuery
from db.core.row_level_security import rls_settings, with_rls_context
from db.core.statement import Command, Query
from db.queries.analyzed_texts import paged_analyzed_texts
from db.queries.books import BookFilter, BookRow, paged_books
from db.queries.card_lists import paged_cards, paged_deleted_cards, paged_due_cards
from db.queries.cards import CardFilter
from db.queries.changes import change_parameters, copied_keys, logged_keys
from db.queries.exercises import (
    attempts_by_exercise_id,
    attempts_by_key,
    exercises_by_chapter_id,
    solutions_by_exercise_id,
)
from db.queries.import_words import paged_import_words
from db.queries.imports import candidates, paged_imports
from db.queries.jobs import JobFilter, paged_jobs
from db.queries.kanji import KanjiFilter, kanji_search_values, paged_kanji, paged_kanji_search
from db.queries.notifications import NotificationFilter, paged_notifications, unread_count
from db.queries.reading import ReadingFilter, paged_reading_progress
from db.queries.reviews import ReviewFilter, paged_card_reviews, paged_reviews
from db.queries.search import paged_search_results, search_values
from db.queries.sentences import paged_sentences
from db.queries.textbooks import TextbookFilter, paged_textbooks
from db.queries.vocabulary import KanjiRow, VocabularyFilter, VocabularyRow, paged_vocabulary
from domain.changes import ChangesToken
from domain.dictionary import PartOfSpeech
from domain.enums import BookOrder, CardOrder, ChangeType, Role
from domain.ids import UserId
from domain.pages import encode_cursor, page_arguments
from domain.viewer import Viewer
from tests.databases import created
from tests.statements.population import populate

# In addition to the rows of `populate`.
FILL = """
    insert into textbooks (id, owner_id, title, description, jlpt_level, topics, status, is_public, search_terms)
        select gen_random_uuid(), id, 'Textbook', 'Text.', 'N5', '{topic}', 'READY', false, ''
        from users, generate_series(1, 5) where subject like 'seed-%';
    insert into jobs (id, user_id, kind, status, progress, completed_steps, total_steps, attempts, max_attempts, input,
            scheduled_for)
        select gen_random_uuid(), id, 'ANALYZE_TEXT', 'SUCCEEDED', 1, 1, 1, 1, 4, '{}', now()
        from users, generate_series(1, 5) where subject like 'seed-%';
    insert into schedule_changes (id, user_id, card_id, kind, changed_at, day, days, idempotency_key)
        select gen_random_uuid(), user_id, case when n > 1 then id end, 'BURY', now(), current_date, 0, id || '/' || n
        from cards, generate_series(1, 2) as n where user_id in (select id from users where subject like 'seed-%');
    insert into notifications (id, user_id, kind, cause, in_app, read_at)
        select gen_random_uuid(), id, 'EXPORT_READY', n, true, case when n > 5 then now() end
        from users, generate_series(1, 20) as n where subject like 'seed-%';
    update cards set deleted_at = timestamptz '2025-12-01' + interval '1 minute' * hashtext(id::text) / 100000
        where right(id::text, 1) = '0';
    insert into exercise_attempts (id, user_id, exercise_id, idempotency_key, answers, answered_at, created_at)
        select gen_random_uuid(), users.id, exercises.id, exercises.id, '[0]', now(), now()
        from users, (select id from exercises order by id limit 120) as exercises where subject like 'seed-%';
    insert into imports (id, user_id, source, file_name, status)
        select gen_random_uuid(), id, 'CSV', 'words.csv', 'DONE'
        from users, generate_series(1, 20) where subject like 'seed-%';
    insert into import_words (import_id, form, reading, user_id, number, note_count, candidates)
        select id, n, '', user_id, n, 1, '[]'
        from (select id, user_id from imports order by id limit 500) as imports, generate_series(1, 60) as n;
    insert into analyzed_texts (id, user_id, job_id, length, completed_at)
        select gen_random_uuid(), user_id, id, 1, now() from jobs where kind = 'ANALYZE_TEXT';
    analyze;
"""


@pytest.fixture(scope="module")
async def populated_connection(servers: tuple[str, str], template: str) -> AsyncIterator[Any]:
    """A connection as the application's role, with row-level security, and one of the learners."""
    async with created(servers[0], f"{template}_plans", template) as url:
        await populate(url)
        async with owner_connection(url) as owner:
            await owner.execute(FILL)
            learner = await owner.fetchval("select id from users where subject = 'seed-1'")
        connection = await asyncpg.connect(url, server_settings={"role": APPLICATION_ROLE})
        yield connection, learner
        await connection.close()


# Within the range of the rows' timestamps.
NOW = datetime(2025, 12, 1, tzinfo=UTC)
SOME_ID = UUID(int=1 << 127)


def _after(query: Any, *keys: Any) -> tuple[Query[Any], dict[str, Any]]:
    arguments = page_arguments(20, encode_cursor(query.ordering.name, keys))
    return query.page(arguments), page_parameters(query.ordering, arguments)


def _books(order: BookOrder, search: str | None = None) -> PagedQuery[BookRow]:
    return paged_books(BookFilter(search=search), order, includes_unpublished=False)


def _words(**filters: Any) -> tuple[Query[VocabularyRow], dict[str, Any]]:
    filter = VocabularyFilter(**filters)
    arguments = page_arguments(20)
    query = paged_vocabulary(filter)
    return query.page(arguments), {**filter.parameters(), **page_parameters(query.ordering, arguments)}


def _word_search(text: str) -> tuple[Query[Any], dict[str, Any]]:
    filter = VocabularyFilter()
    query = paged_search_results(filter)
    arguments = page_arguments(20)
    values = {**search_values(text), **filter.parameters(), **page_parameters(query.ordering, arguments)}
    return query.page(arguments), values


def _kanji(**filters: Any) -> tuple[Query[KanjiRow], dict[str, Any]]:
    filter = KanjiFilter(**filters)
    arguments = page_arguments(20)
    query = paged_kanji(filter)
    return query.page(arguments), {**filter.parameters(), **page_parameters(query.ordering, arguments)}


def _kanji_search(text: str) -> tuple[Query[Any], dict[str, Any]]:
    query = paged_kanji_search(KanjiFilter())
    arguments = page_arguments(20)
    values = {**kanji_search_values(text), **KanjiFilter().parameters(), **page_parameters(query.ordering, arguments)}
    return query.page(arguments), values


def _sentences() -> tuple[Query[Any], dict[str, Any]]:
    query, arguments = paged_sentences(known=True), page_arguments(20)
    return query.page(arguments), {"word_id": SOME_ID, **page_parameters(query.ordering, arguments)}


def _reviews_of_cards() -> tuple[Query[Any], dict[str, Any]]:
    query, values = _after(paged_card_reviews, NOW, SOME_ID)
    return query, {**values, "parents": [UUID(int=n) for n in range(20)]}


def _words_of_imports() -> tuple[Query[Any], dict[str, Any]]:
    query, values = _after(paged_import_words, 9, UUID(int=9))
    return query, {**values, "parents": [UUID(int=n) for n in range(20)]}


CASES: dict[str, tuple[tuple[Query[Any], dict[str, Any]], str]] = {
    "due cards": (_after(paged_due_cards(CardFilter()), NOW, SOME_ID), "ix_cards_due"),
    "due cards, by lapses": (
        _after(paged_due_cards(CardFilter(), CardOrder.MOST_LAPSES), 3, SOME_ID),
        "ix_cards_due",
    ),
    "cards, most lapses first": (
        _after(paged_cards(CardFilter(), CardOrder.MOST_LAPSES), 3, SOME_ID),
        "ix_cards_user_id",
    ),
    "cards, hardest first": (_after(paged_cards(CardFilter(), CardOrder.HARDEST), 5.0, SOME_ID), "ix_cards_user_id"),
    "cards by word": (_after(paged_cards(CardFilter(), CardOrder.WORD), "か", SOME_ID), "ix_cards_user_id"),
    "deleted cards": (_after(paged_deleted_cards, NOW, SOME_ID), "ix_cards_user_id_deleted_at_id"),
    "buried cards": ((paged_cards(CardFilter(buried=True)).count, {}), "ix_schedule_changes_buried"),
    "reviews of cards": (_reviews_of_cards(), "card_id_reviewed_at"),
    "ambiguous words of imports": (_words_of_imports(), "ix_import_words_user_id_import_id_number_key"),
    "log entries of cards": ((changes_by_card_id, {}), "uq_schedule_changes_user_id_idempotency_key"),
    "exercises of chapters": ((exercises_by_chapter_id, {}), "ix_exercises_chapter_id_position"),
    "attempts at exercises": (
        (attempts_by_exercise_id, {}),
        "ix_exercise_attempts_user_id_exercise_id_answered_at_id",
    ),
    "attempts by key": (
        (attempts_by_key, {"keys": ["a", "b"]}),
        "uq_exercise_attempts_user_id_idempotency_key",
    ),
    "solutions": ((solutions_by_exercise_id, {}), "pk_exercise_solutions"),
    "cards": (_after(paged_cards(CardFilter()), SOME_ID), "ix_cards_user_id_id"),
    "reviews": (_after(paged_reviews(ReviewFilter()), NOW, SOME_ID), "user_id_reviewed_at_id"),
    "books being read": (
        _after(paged_reading_progress(ReadingFilter()), NOW, SOME_ID),
        "ix_reading_progress_user_id_last_read_at_id",
    ),
    "jobs": (_after(paged_jobs(JobFilter()), SOME_ID), "ix_jobs_user_id_id"),
    "notifications": (_after(paged_notifications(NotificationFilter()), SOME_ID), "ix_notifications_listed"),
    "unread notifications": (
        _after(paged_notifications(NotificationFilter(unread=True)), SOME_ID),
        "ix_notifications_unread",
    ),
    "number of unread notifications": ((unread_count, {}), "ix_notifications_unread"),
    "imports": (_after(paged_imports, SOME_ID), "ix_imports_user_id_id"),
    "words of a source": (
        (candidates, {"spelling_keys": ["w猫"], "kana_keys": ["k猫"], "reading_keys": ["kねこ"]}),
        "uq_search_keys_key_score_vocabulary_id",
    ),
    "analysed texts": (_after(paged_analyzed_texts, SOME_ID), "ix_analyzed_texts_user_id_id"),
    "own textbooks": (
        _after(paged_textbooks(TextbookFilter(mine=True), has_viewer=True), SOME_ID),
        "ix_textbooks_owner_id_id",
    ),
    "newest books": (
        _after(_books(BookOrder.NEWEST), NOW, SOME_ID),
        "ix_books_created_at_id",
    ),
    "books by title": (
        _after(_books(BookOrder.TITLE), "Book 3", SOME_ID),
        "ix_books_title_id",
    ),
    "books by level": (
        _after(_books(BookOrder.LEVEL), "N4", SOME_ID),
        "ix_books_jlpt_level_id",
    ),
    "words": (_words(), "ix_vocabulary_popularity_id"),
    "words of a rare part of speech": (
        _words(parts_of_speech=[PartOfSpeech.NU_VERB_IRREGULAR]),
        "ix_vocabulary_senses_parts_of_speech",
    ),
    "search for a spelling": (_word_search("食べる"), "uq_search_keys_key_score_vocabulary_id"),
    "search for an ending": (_word_search("?校"), "ix_search_keys_reversed"),
    "search for a part": (_word_search("*tabe*"), "ix_search_keys_similar"),
    "search for a typing error": (_word_search("beleive"), "ix_search_keys_similar"),
    "kanji": (_kanji(), "ix_kanji_popularity_id"),
    "kanji of a reading": (_kanji(reading="せい"), "ix_kanji_search_readings"),
    "kanji of a stem": (_kanji(reading="せい"), "ix_kanji_search_partial_readings"),
    "kanji of a meaning": (_kanji(meaning="water"), "ix_kanji_search_meaning_words"),
    "kanji of a component": (_kanji(component="勺"), "ix_kanji_components"),
    "search for a character": (_kanji_search("勺"), "uq_kanji_character"),
    "search for a component": (_kanji_search("勺"), "ix_kanji_components"),
    "search for a reading": (_kanji_search("せい"), "ix_kanji_search_readings"),
    "search for a stem": (_kanji_search("せい"), "ix_kanji_search_partial_readings"),
    "search for a meaning": (_kanji_search("water"), "ix_kanji_search_meaning_words"),
    "search for a number of strokes": (_kanji_search("29画"), "ix_kanji_stroke_count_popularity_id"),
    "sentences of a word": (_sentences(), "ix_example_sentence_words_words"),
    "books of a search": (
        (_books(BookOrder.NEWEST, "猫").count, {"search": "'猫'"}),
        "matching_books",
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_query_uses_index(populated_connection: tuple[Any, UUID], case: str) -> None:
    connection, learner = populated_connection
    (query, values), index = CASES[case]
    values = {"viewer_id": learner, "now": datetime.now(UTC), "ids": [UUID(int=n) for n in range(20)], **values}
    sql, arguments = query.sql, query.arguments(values)
    if query.rls_scoped:
        sql = with_rls_context(sql, len(arguments))
        arguments = [*arguments, *rls_settings(Viewer(UserId(learner), Role.LEARNER))]
    plan = await connection.fetch("explain " + sql, *arguments)
    text = "\n".join(row[0] for row in plan)
    # The check for a previous page uses the same index, and reads one row.
    assert text.count(index) >= (2 if BEYOND in sql else 1), text
    assert text.count("Limit") >= (2 if BEYOND in sql else 0), text
    assert not any(f"Seq Scan on {table}" in text for table in ("cards", "reviews", "jobs", "reading_progress")), text


async def test_function_for_books_of_a_search_uses_index(owner: "asyncpg.Connection") -> None:
    body = await owner.fetchval("select prosrc from pg_proc where proname = 'matching_books'")
    async with owner.transaction():
        # The table of the tests is small, and its statistics depend on what was analyzed.
        await owner.execute("set local enable_seqscan = off")
        plan = await owner.fetch("explain " + re.sub(r"\bquery\b", "$1::tsquery", body), "'猫'")
    assert "ix_books_search_terms" in "\n".join(row[0] for row in plan)


@pytest.mark.parametrize(
    ("statement", "conditions"),
    [
        (lock_cards_of_subjects, ("AND (id = of_subjects.id)", "AND (vocabulary_id = ")),
        (save_imported, ("AND (id = of_viewer.id)",)),
    ],
    ids=["lock", "import"],
)
async def test_cards_of_a_batch_are_searched_for_one_by_one(
    populated_connection: tuple[Any, UUID], statement: Command[Any], conditions: tuple[str, ...]
) -> None:
    """And not among all cards of the learner, of which the statistics know nothing during an import."""
    connection, _ = populated_connection
    names = ("saved", "schedules", "scheduled", "days")
    values = {"ids": [UUID(int=n) for n in range(20)], "kanji_ids": [], "own_ids": [], **dict.fromkeys(names, "[]")}
    arguments = statement.arguments({"viewer_id": UUID(int=1), "now": datetime.now(UTC), **values})
    plan = await connection.fetch("explain " + statement.sql, *arguments)
    text = "\n".join(row[0] for row in plan)
    assert [condition for condition in conditions if condition not in text] == [], text


async def test_function_for_reviews_searches_for_cards_one_by_one(populated_connection: tuple[Any, UUID]) -> None:
    connection, _ = populated_connection
    body = await connection.fetchval("select prosrc from pg_proc where proname = 'save_newest_reviews'")
    values = {"viewer": f"'{UUID(int=1)}'::uuid", "reviewed": "'[]'::json", "totals": "'[]'::json", "zone": "'UTC'"}
    for name, value in (values | {"at": "now()"}).items():
        body = re.sub(rf"\b{name}\b", value, body)
    lock = re.search(r"WITH read .*?FOR NO KEY UPDATE OF cards", body, re.DOTALL)
    save = re.search(r"WITH saved .*? USING \(day\)", body, re.DOTALL)
    assert lock is not None
    assert save is not None
    for statement in (lock[0], save[0].replace("INTO is_first", "")):
        plan = "\n".join(row[0] for row in await connection.fetch("explain " + statement))
        assert re.search(r"AND \(id = \w+\.card_id\)", plan), plan


@pytest.mark.parametrize(
    ("query", "indexes"),
    [
        (
            copied_keys,
            (
                *("ix_cards_user_id_id", "_user_id_reviewed_at_id_idx", "uq_reading_progress_user_id_book_id"),
                *("pk_chapter_progress", "ix_exercise_attempts_user_id_id"),
            ),
        ),
        (
            logged_keys,
            (
                *("pk_tombstones", "ix_cards_changed", "_user_id_changed_in_id_idx", "ix_reading_progress_changed"),
                *("ix_chapter_progress_changed", "ix_exercise_attempts_changed"),
            ),
        ),
    ],
    ids=["copy", "log"],
)
async def test_changes_are_read_in_the_order_of_an_index(
    populated_connection: tuple[Any, UUID], query: Query[Any], indexes: tuple[str, ...]
) -> None:
    """Small tables would be read sequentially."""
    connection, learner = populated_connection
    token = replace(ChangesToken.start(learner, ChangeType), key=SOME_ID, transaction=1_000)
    arguments = query.arguments({"viewer_id": learner, **change_parameters(token, 101)})
    sql = with_rls_context(query.sql, len(arguments))
    async with connection.transaction():
        await connection.execute("set local enable_seqscan = off; set local enable_sort = off")
        plan = await connection.fetch(
            "explain " + sql, *arguments, *rls_settings(Viewer(UserId(learner), Role.LEARNER))
        )
    text = "\n".join(row[0] for row in plan)
    assert [index for index in indexes if index not in text] == [], text
