"""Loads the content: kanji, words, books, graded readers and textbooks, and three demo accounts for development.

Each part is loaded in one transaction, and again only when its source changes.
"""

import asyncio
from collections.abc import Callable

import asyncpg

from content import books, demo_accounts, kanji, search_terms, story_books, textbook_topics, textbooks, vocabulary
from content.dictionary import load_dictionary
from content.loader import Part, save_version
from content.text_analysis import analyze_texts
from db.core.advisory_locks import CONTENT_LOCK
from db.core.database import owner_connection
from db.maintenance.analytics import count_history
from db.maintenance.materialized_views import VIEWS, refresh_statistics

__all__ = ["analyze_texts", "load", "load_dictionary"]

_CONTENT = (
    *(kanji.PART, vocabulary.PART, books.PART, story_books.PART, textbooks.PART, textbook_topics.PART),
    search_terms.PART,
)
_ANALYTICS = ("analytics_days", "analytics_gaps", "analytics_cohorts", "analytics_word_days", "analytics_word_months")


def _parts(*, demo: bool) -> tuple[Part, ...]:
    """Return the parts in order of their dependencies."""
    loaded = (*_CONTENT, demo_accounts.PART) if demo else _CONTENT

    def fingerprint() -> str:
        return "; ".join(part.fingerprint() for part in loaded)

    return (
        *loaded,
        Part("statistics", fingerprint, refresh_statistics, tuple(f"private.{view}" for view in VIEWS)),
        Part("analytics", fingerprint, count_history, _ANALYTICS),
    )


def load(database_url: str, report: Callable[[str], None], *, demo: bool) -> None:
    """Load missing and changed parts as the owner of the tables. Takes a few milliseconds if there are none.

    `report` is called before each part. `demo`: include the demo accounts, of which one is an editor and one an
    administrator.
    """
    asyncio.run(_load(database_url, report, _parts(demo=demo)))


async def _load(database_url: str, report: Callable[[str], None], parts: tuple[Part, ...]) -> None:
    async with owner_connection(database_url) as connection:
        # Before the lock: a server that has nothing to load would wait for a load in the background of another one,
        # whose priority is low.
        if not _changed(parts, await _loaded(connection)):
            return
        await connection.execute(f"select pg_advisory_lock({CONTENT_LOCK})")
        loaded = await _loaded(connection)
        changed = _changed(parts, loaded)
        if not loaded:
            # Otherwise the planner takes tables that are empty for larger ones.
            await connection.execute("vacuum analyze")
        for part in changed:
            report(f"Loading {part.name} …")
            async with connection.transaction():
                await _load_part(connection, part)
            # The statements of the next part need current planner statistics; and GIN indexes with a long pending list
            # look too slow to the planner until a vacuum flushes it.
            await connection.execute(f"vacuum analyze {', '.join(part.tables)}")


async def _loaded(connection: asyncpg.Connection) -> dict[str, str]:
    """Return the fingerprints of the loaded parts by name."""
    rows = await connection.fetch("select name, fingerprint from content_versions")
    return {row["name"]: row["fingerprint"] for row in rows}


def _changed(parts: tuple[Part, ...], loaded: dict[str, str]) -> list[Part]:
    """Return the parts that are missing or differ from their sources."""
    return [part for part in parts if loaded.get(part.name) != part.fingerprint()]


async def _load_part(connection: asyncpg.Connection, part: Part) -> None:
    await part.load(connection)
    await save_version(connection, part.name, part.fingerprint())
