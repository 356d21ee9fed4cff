"""Loads three demo accounts, one of them with a year of study history."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from content.catalogue import load_textbook_plans
from content.demo_history import DemoHistory
from content.loader import Part, content_id, upsert
from content.review_simulation import OTHER_DAYS, Subject, simulate_year
from content.textbooks import CHAPTER_TABLES, load_chapters, textbook_row
from content.words import read_dictionary
from domain.enums import CardKind, Role, Scheduler

_REVISION = 2

# Subject, name, role, scheduler, time zone.
_ACCOUNTS = (
    ("demo", "Hana", Role.LEARNER, Scheduler.SM2, "Asia/Tokyo"),
    ("editor", "Kenji", Role.EDITOR, Scheduler.FSRS, "UTC"),
    ("admin", "Yuki", Role.ADMIN, Scheduler.FSRS, "UTC"),
)
_IDS = [content_id("user", subject, 0) for subject, *_ in _ACCOUNTS]
_DEMO_ID = _IDS[0]


def _fingerprint() -> str:
    # The demo history ends on the day of the import and is not extended, so it is loaded once.
    return f"revision {_REVISION}"


async def _load(connection: asyncpg.Connection) -> None:
    await upsert(
        connection,
        "users",
        ("id", "subject", "email", "display_name", "role"),
        [
            (id, subject, f"{subject}@shinjp.example", name, role.value)
            for id, (subject, name, role, _, _) in zip(_IDS, _ACCOUNTS, strict=True)
        ],
        key=("subject",),
        # An existing account keeps its role.
        only_new=True,
    )
    present = {row["id"] for row in await connection.fetch("select id from users where id = any($1)", list(_IDS))}
    await upsert(
        connection,
        "user_settings",
        ("user_id", "scheduler", "desired_retention", "new_cards_per_day", "reviews_per_day", "time_zone"),
        [
            (id, scheduler.value, 0.9, 10, 120, time_zone)
            for id, (_, _, _, scheduler, time_zone) in zip(_IDS, _ACCOUNTS, strict=True)
            # An account with the same subject may already have signed in with another id.
            if id in present
        ],
        key=("user_id",),
        only_new=True,
    )
    if _DEMO_ID in present:
        await _load_year(connection)
        await _load_private_textbook(connection)


async def _load_year(connection: asyncpg.Connection) -> None:
    """Replace the history of the demo learner with a simulated year that ends now."""
    now = datetime.now(UTC)
    rows = await connection.fetch(
        "select id, word <> reading as has_kanji from vocabulary where jlpt_level is not null"
        " order by jlpt_level desc, id desc limit 1000"
    )
    words = [row["id"] for row in rows]
    books = await connection.fetch(
        "select id, page_count from books where deleted_at is null and page_count > 1"
        " order by jlpt_level desc, id desc limit 9"
    )
    others = await _other_subjects(connection, words, [row["id"] for row in rows if row["has_kanji"]])
    pages = [(row["id"], row["page_count"]) for row in books]
    study = simulate_year(_DEMO_ID, words, others, pages, now, "Asia/Tokyo")
    await connection.execute("select create_month_partitions('reviews', $1, $2)", study.started_at.date(), now.date())
    for table in ("reading_progress", "review_days", "review_keys", "reviews", "cards"):
        await connection.execute(f"delete from {table} where user_id = $1", _DEMO_ID)
    await _copy(connection, study)


async def _other_subjects(
    connection: asyncpg.Connection, words: Sequence[UUID], words_with_kanji: Sequence[UUID]
) -> list[Subject]:
    """Kanji, and cards of the other kinds for words that the learner knows well, in turns."""
    kanji = await connection.fetch(
        "select id from kanji where jlpt_level is not null order by jlpt_level desc, popularity desc, id limit $1",
        OTHER_DAYS // 3,
    )
    of_kanji = (Subject(row["id"], is_kanji=True) for row in kanji)
    recall = (Subject(id, CardKind.RECALL) for id in words)
    reading = (Subject(id, CardKind.READING) for id in words_with_kanji)
    return [subject for turn in zip(of_kanji, recall, reading, strict=False) for subject in turn]


async def _copy(connection: asyncpg.Connection, study: DemoHistory) -> None:
    for table, columns, records in (
        ("cards", DemoHistory.CARD_COLUMNS, study.cards),
        ("reviews", DemoHistory.REVIEW_COLUMNS, study.reviews),
        ("review_keys", DemoHistory.REVIEW_KEY_COLUMNS, study.review_keys),
        ("review_days", DemoHistory.REVIEW_DAY_COLUMNS, study.review_days),
        ("reading_progress", DemoHistory.READING_PROGRESS_COLUMNS, study.reading_progress),
    ):
        await connection.copy_records_to_table(table, columns=list(columns), records=records)


async def _load_private_textbook(connection: asyncpg.Connection) -> None:
    """Load a private textbook of the demo learner."""
    plan = load_textbook_plans()[0]
    id = content_id("textbook", "demo's own", 0)
    row = textbook_row(id, plan, is_public=False)
    await upsert(
        connection,
        "textbooks",
        ("id", "title", "description", "jlpt_level", "topics", "status", "is_public", "search_terms", "owner_id"),
        [(row[0], "My first words", *row[2:], _DEMO_ID)],
        key=("id",),
        casts={"search_terms": "tsvector"},
    )
    await load_chapters(connection, id, plan, await read_dictionary(connection))


PART = Part(
    "people",
    _fingerprint,
    _load,
    (
        "users",
        "user_settings",
        "cards",
        "reviews",
        "review_keys",
        "review_days",
        "reading_progress",
        "textbooks",
        *CHAPTER_TABLES,
    ),
)
