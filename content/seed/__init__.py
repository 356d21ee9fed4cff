"""Seeds a database for benchmarks with millions of learners, cards and reviews, generated inside the database.

docs/decisions/0006-seeding-inside-the-database.md has the reasons. Ids are derived from row numbers, so the seeding is
idempotent and an interrupted run can be resumed.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from db.core.database import owner_connection
from db.maintenance.analytics import count_history
from db.maintenance.materialized_views import refresh_statistics

_OF_LEARNERS = "where user_id in (select id from users where subject like 'seed-%')"

# A batch takes seconds and commits.
_LEARNERS_PER_BATCH = 200


@dataclass(frozen=True, slots=True)
class Amounts:
    """Target numbers of rows: of seeded learners and their data, and of all books and textbooks."""

    learners: int = 0
    cards: int = 0
    reviews: int = 0
    books: int = 0
    textbooks: int = 0
    reading_progress: int = 0


def seed(database_url: str, amounts: Amounts) -> None:
    """Insert missing rows as the owner of the tables and display the progress."""
    asyncio.run(_seed(database_url, amounts))


async def _seed(database_url: str, amounts: Amounts) -> None:
    async with owner_connection(database_url) as connection:
        await _prepare(connection, amounts)
        added = False
        with _progress() as progress:
            for table, wanted, of in (
                ("users", amounts.learners, "where subject like 'seed-%'"),
                ("books", amounts.books, ""),
                ("textbooks", amounts.textbooks, ""),
                ("cards", amounts.cards, _OF_LEARNERS),
                ("reviews", amounts.reviews, _OF_LEARNERS),
                ("reading_progress", amounts.reading_progress, _OF_LEARNERS),
            ):
                if await connection.fetchval(f"select count(*) from {table} {of}") < wanted:
                    await _fill(connection, progress, table, amounts.learners if of is _OF_LEARNERS else 1)
                    added = True
        if added:
            await connection.execute("vacuum analyze")
            await refresh_statistics(connection)
            await count_history(connection)


async def _prepare(connection: asyncpg.Connection, amounts: Amounts) -> None:
    await connection.execute("set synchronous_commit = off; set maintenance_work_mem = '512MB'; set work_mem = '128MB'")
    # Generated rows are consistent: superusers skip foreign key checks and triggers.
    if await connection.fetchval("select rolsuper from pg_roles where rolname = current_user"):
        await connection.execute("set session_replication_role = replica")
    # All dates are relative to the day of the first run.
    anchor = datetime.now(UTC).date().isoformat()
    anchor = await connection.fetchval(
        "insert into content_versions (name, fingerprint) values ('seed', $1)"
        " on conflict (name) do update set name = excluded.name returning fingerprint",
        anchor,
    )
    learners = max(amounts.learners, 1)
    settings = {
        "anchor": anchor,
        "learners": amounts.learners,
        "books": amounts.books,
        "textbooks": amounts.textbooks,
        "cards_each": -(-amounts.cards // learners),
        "reviews_each": -(-amounts.reviews // max(amounts.cards, 1)),
        "books_each": -(-amounts.reading_progress // learners),
    }
    for name, value in settings.items():
        await connection.execute("select set_config($1, $2, false)", f"seed.{name}", str(value))
    await connection.execute(_statements("prepare"))


async def _fill(connection: asyncpg.Connection, progress: Progress, table: str, learners: int) -> None:
    steps = range(1, learners + 1, _LEARNERS_PER_BATCH)
    task = progress.add_task(table.replace("_", " "), total=len(steps))
    for first in steps:
        await connection.execute("select set_config('seed.first', $1, false)", str(first))
        await connection.execute(
            "select set_config('seed.last', $1, false)", str(min(first + _LEARNERS_PER_BATCH - 1, learners))
        )
        await connection.execute(_statements(table))
        progress.advance(task)


def _statements(name: str) -> str:
    return (Path(__file__).parent / f"{name}.sql").read_text()


@contextmanager
def _progress() -> Iterator[Progress]:
    columns = (TextColumn("{task.description:>16}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield progress
