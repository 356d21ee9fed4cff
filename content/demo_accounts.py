"""Three people to try the platform as, one of them with a year behind her."""

from datetime import UTC, datetime

import asyncpg

from content.catalogue import load_textbook_plans
from content.demo_history import Study
from content.loader import Part, content_id, upsert
from content.review_simulation import study_year
from content.textbooks import load_chapters, textbook_row
from content.words import read_dictionary
from domain.enums import Role, Scheduler

_REVISION = 1

# Subject, name, role, scheduler, time zone.
_PEOPLE = (
    ("demo", "Hana", Role.LEARNER, Scheduler.SM2, "Asia/Tokyo"),
    ("editor", "Kenji", Role.EDITOR, Scheduler.FSRS, "UTC"),
    ("admin", "Yuki", Role.ADMIN, Scheduler.FSRS, "UTC"),
)
_IDS = [content_id("user", subject, 0) for subject, *_ in _PEOPLE]
_DEMO_ID = _IDS[0]


def _fingerprint() -> str:
    # The year of the demo learner ends on the day of the import and does not grow: it is loaded once.
    return f"revision {_REVISION}"


async def _load(connection: asyncpg.Connection) -> None:
    await upsert(
        connection,
        "users",
        ("id", "subject", "email", "display_name", "role"),
        [
            (id, subject, f"{subject}@shinjp.example", name, role.value)
            for id, (subject, name, role, _, _) in zip(_IDS, _PEOPLE, strict=True)
        ],
        key=("subject",),
        # The role of an account that is there is nobody's to change here.
        only_new=True,
    )
    present = {row["id"] for row in await connection.fetch("select id from users where id = any($1)", list(_IDS))}
    await upsert(
        connection,
        "user_settings",
        ("user_id", "scheduler", "desired_retention", "new_cards_per_day", "reviews_per_day", "time_zone"),
        [
            (id, scheduler.value, 0.9, 10, 120, time_zone)
            for id, (_, _, _, scheduler, time_zone) in zip(_IDS, _PEOPLE, strict=True)
            # A person may have signed in by the same subject before.
            if id in present
        ],
        key=("user_id",),
        only_new=True,
    )
    if _DEMO_ID in present:
        await _load_year(connection)
        await _load_private_textbook(connection)


async def _load_year(connection: asyncpg.Connection) -> None:
    """A year of study up to now, in the tables that a year of study fills."""
    now = datetime.now(UTC)
    words = [
        row["id"]
        for row in await connection.fetch("select id from vocabulary order by jlpt_level desc, id desc limit 1000")
    ]
    books = await connection.fetch(
        "select id, page_count from books where deleted_at is null order by jlpt_level desc, id desc limit 9"
    )
    study = study_year(_DEMO_ID, words, [(row["id"], row["page_count"]) for row in books], now, "Asia/Tokyo")
    await connection.execute("select create_month_partitions('reviews', $1, $2)", study.began_at.date(), now.date())
    for table in ("reading_progress", "review_days", "review_keys", "reviews", "cards"):
        await connection.execute(f"delete from {table} where user_id = $1", _DEMO_ID)
    await _copy(connection, study)


async def _copy(connection: asyncpg.Connection, study: Study) -> None:
    for table, columns, records in (
        ("cards", Study.CARD_COLUMNS, study.cards),
        ("reviews", Study.REVIEW_COLUMNS, study.reviews),
        ("review_keys", Study.REVIEW_KEY_COLUMNS, study.review_keys),
        ("review_days", Study.REVIEW_DAY_COLUMNS, study.review_days),
        ("reading_progress", Study.READING_PROGRESS_COLUMNS, study.reading_progress),
    ):
        await connection.copy_records_to_table(table, columns=list(columns), records=records)


async def _load_private_textbook(connection: asyncpg.Connection) -> None:
    """The demo learner's own: the plan of an easy one, seen by nobody else."""
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


PART = Part("people", _fingerprint, _load)
