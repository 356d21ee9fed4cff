"""What ShinJP comes with: a dictionary, books, textbooks, and people to try it as.

Each part is loaded in one transaction, and again only when its source has changed.
"""

import asyncio
from collections.abc import Callable

import asyncpg

from db.content import books, people, textbooks, vocabulary
from db.content.parts import Part
from db.database import connected
from db.statistics import refresh_statistics

# Two processes that start at once: the second waits, and finds everything loaded.
_LOCK = 7_465_011

_CONTENT = (vocabulary.PART, books.PART, textbooks.PART, people.PART)


def _fingerprint() -> str:
    return "; ".join(part.fingerprint() for part in _CONTENT)


# In this order: each needs what the ones before it loaded.
_PARTS = (*_CONTENT, Part("statistics", _fingerprint, refresh_statistics))


def load(database_url: str, report: Callable[[str], None]) -> None:
    """Loads what is missing or has changed, as the owner of the tables. A few milliseconds when nothing has.

    `report` is told what takes longer than a second.
    """
    asyncio.run(_load(database_url, report))


async def _load(database_url: str, report: Callable[[str], None]) -> None:
    async with connected(database_url) as connection:
        await connection.execute(f"select pg_advisory_lock({_LOCK})")
        loaded = dict(await connection.fetch("select name, fingerprint from content_versions"))
        changed = [part for part in _PARTS if loaded.get(part.name) != part.fingerprint()]
        for part in changed:
            report(f"Loading {part.name} …")
            async with connection.transaction():
                await _load_part(connection, part)
            # The next part's statements are planned by these figures; and what was written into inverted indexes
            # waits in a list, which makes them look too slow to use, until it is moved to its place.
            await connection.execute("vacuum analyze")


async def _load_part(connection: asyncpg.Connection, part: Part) -> None:
    await part.load(connection)
    await connection.execute(
        "insert into content_versions (name, fingerprint) values ($1, $2)"
        " on conflict (name) do update set fingerprint = excluded.fingerprint, loaded_at = now()",
        part.name,
        part.fingerprint(),
    )
