"""Hot statements use the index that was made for them, at the size of a busy platform."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from db.core.database import APPLICATION_ROLE, connected
from db.core.keyset import BEYOND, page_values
from db.core.row_level_security import naming_viewer, viewer_settings
from db.core.statement import Query
from db.queries.books import BookListShape, book_listing
from db.queries.cards import CardListShape, card_listing, cards_by_vocabulary_id, due_card_listing
from db.queries.jobs import job_listing
from db.queries.reading import progress_by_book_id, reading_listing
from db.queries.reviews import review_listing
from db.queries.textbooks import TextbookListShape, chapters_by_textbook_id, textbook_listing
from domain.enums import BookOrder, Role
from domain.pages import encode_cursor, page_arguments
from domain.viewer import Viewer
from tests.databases import created

# A million cards. Foreign keys hold by the way the rows are made, so they are not checked one by one.
FILL = """
    set session_replication_role = replica;
    insert into users (id, subject, email, display_name, role)
        select gen_random_uuid(), 'learner-' || n, '', 'Learner', 'learner' from generate_series(1, 10000) as n;
    insert into books (id, title, author, description, jlpt_level, page_count, published_at, search_terms, created_at)
        select gen_random_uuid(), 'Book ' || n, 'Author', 'Text.', 'N' || 1 + n % 5, 100, now(), '',
            now() - n * interval '1 minute'
        from generate_series(1, 5000) as n;
    insert into cards (id, user_id, vocabulary_id, state, due_at, interval_days, ease_factor, repetitions, lapses)
        select gen_random_uuid(), users.id, words.id, 'REVIEW', now() + (random() - 0.2) * interval '30 days',
            5, 2.5, 1, 0
        from users, (select id from vocabulary limit 100) as words on conflict do nothing;
    insert into reviews (id, reviewed_at, user_id, card_id, idempotency_key, quality, interval_days_before,
            interval_days_after)
        select gen_random_uuid(), now() - random() * interval '30 days', user_id, id, id::text, 4, 1, 2
        from cards limit 100000;
    insert into reading_progress (id, user_id, book_id, current_page, started_at, last_read_at)
        select gen_random_uuid(), users.id, chosen.id, 1, now(), now() - random() * interval '30 days'
        from users, (select id from books limit 20) as chosen on conflict do nothing;
    insert into jobs (id, user_id, kind, status, progress, completed_steps, total_steps, attempts, max_attempts, input,
            scheduled_for)
        select gen_random_uuid(), users.id, 'EXPORT', 'SUCCEEDED', 1, 1, 1, 1, 3, '{}', now()
        from users, generate_series(1, 20);
    insert into textbooks (id, owner_id, title, description, jlpt_level, topics, status, is_public, search_terms)
        select gen_random_uuid(), users.id, 'Textbook', 'Text.', 'N5', '{topic}', 'READY', n = 1, ''
        from users, generate_series(1, 5) as n;
    insert into chapters (id, textbook_id, position, title, summary, content)
        select gen_random_uuid(), id, n, 'Chapter', 'Summary.', 'Content.' from textbooks, generate_series(1, 3) as n
        on conflict do nothing;
    vacuum analyze;
"""


@pytest.fixture(scope="module")
async def filled(servers: tuple[str, str], template: str) -> AsyncIterator[Any]:
    """A connection as the application's role, with row-level security, and one of the learners."""
    async with created(servers[0], f"{template}_plans", template) as url:
        async with connected(url) as owner:
            for statement in FILL.strip().split(";\n"):
                await owner.execute(statement)
            learner = await owner.fetchval("select id from users where subject = 'learner-1'")
        connection = await asyncpg.connect(url, server_settings={"role": APPLICATION_ROLE})
        yield connection, learner
        await connection.close()


# Inside of what the rows above spread over.
NOW = datetime.now(UTC) - timedelta(days=3)
SOME_ID = UUID(int=1 << 127)


def _after(listing: Any, *keys: Any) -> tuple[Query[Any], dict[str, Any]]:
    arguments = page_arguments(20, encode_cursor(listing.ordering.name, keys))
    return listing.page(arguments), page_values(listing.ordering, arguments)


CASES: dict[str, tuple[tuple[Query[Any], dict[str, Any]], str]] = {
    "due cards": (_after(due_card_listing, NOW, SOME_ID), "ix_cards_due"),
    "cards": (_after(card_listing(CardListShape()), SOME_ID), "ix_cards_user_id_id"),
    "cards of words": ((cards_by_vocabulary_id, {}), "uq_cards_user_id_vocabulary_id"),
    "reviews": (_after(review_listing(has_from=False, has_to=False), NOW, SOME_ID), "user_id_reviewed_at_id"),
    # A learner's few rows are found by either index that begins with the learner.
    "progress of books": ((progress_by_book_id, {}), "reading_progress_user_id"),
    "books being read": (_after(reading_listing(None), NOW, SOME_ID), "ix_reading_progress_user_id_last_read_at_id"),
    "jobs": (_after(job_listing(has_status=False), SOME_ID), "ix_jobs_user_id_id"),
    "own textbooks": (
        _after(textbook_listing(TextbookListShape(mine=True, signed_in=True)), SOME_ID),
        "ix_textbooks_owner_id_id",
    ),
    "chapters": ((chapters_by_textbook_id, {}), "ix_chapters_textbook_id_position"),
    "newest books": (_after(book_listing(BookListShape(), BookOrder.NEWEST), NOW, SOME_ID), "ix_books_created_at_id"),
    "books by title": (_after(book_listing(BookListShape(), BookOrder.TITLE), "Book 3", SOME_ID), "ix_books_title_id"),
    "books by level": (
        _after(book_listing(BookListShape(), BookOrder.LEVEL), "N4", SOME_ID),
        "ix_books_jlpt_level_id",
    ),
    "books of a search": (
        (book_listing(BookListShape(search=True), BookOrder.NEWEST).count, {"search": "'猫'"}),
        "ix_books_search_terms",
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_the_index_is_used(filled: tuple[Any, UUID], case: str) -> None:
    connection, learner = filled
    (query, values), index = CASES[case]
    values = {"viewer_id": learner, "now": datetime.now(UTC), "ids": [UUID(int=n) for n in range(20)], **values}
    sql, arguments = query.sql, query.arguments(values)
    if query.personal:
        sql = naming_viewer(sql, len(arguments))
        arguments = [*arguments, *viewer_settings(Viewer(learner, Role.LEARNER))]
    plan = await connection.fetch("explain " + sql, *arguments)
    text = "\n".join(row[0] for row in plan)
    # A page from a cursor on looks to the other side of it by the same index, and no further than the nearest row.
    assert text.count(index) >= (2 if BEYOND in sql else 1), text
    assert text.count("Limit") >= (2 if BEYOND in sql else 0), text
    assert not any(f"Seq Scan on {table}" in text for table in ("cards", "reviews", "jobs", "reading_progress")), text
