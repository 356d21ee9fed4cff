"""What ShinJP comes with: a dictionary, books and textbooks; and for development three demo accounts.

Each part is loaded in one transaction, and again only when its source has changed.
"""

import asyncio
from collections.abc import Callable

import asyncpg

from content import books, demo_accounts, textbooks, vocabulary
from content.loader import Part
from db.core.database import owner_connection
from db.maintenance.materialized_views import refresh_statistics

# Two processes that start at once: the second waits, and finds everything loaded.
_LOCK = 7_465_011

_CONTENT = (vocabulary.PART, books.PART, textbooks.PART)


def _parts(*, demo: bool) -> tuple[Part, ...]:
    """In this order: each needs what the ones before it loaded."""
    loaded = (*_CONTENT, demo_accounts.PART) if demo else _CONTENT

    def fingerprint() -> str:
        return "; ".join(part.fingerprint() for part in loaded)

    return (*loaded, Part("statistics", fingerprint, refresh_statistics))


def load(database_url: str, report: Callable[[str], None], *, demo: bool) -> None:
    """Loads what is missing or has changed, as the owner of the tables. A few milliseconds when nothing has.

    `report` is told what takes longer than a second. `demo`: with the demo accounts, of which one is an editor and one
    an administrator.
    """
    asyncio.run(_load(database_url, report, _parts(demo=demo)))


async def _load(database_url: str, report: Callable[[str], None], parts: tuple[Part, ...]) -> None:
    async with owner_connection(database_url) as connection:
        await connection.execute(f"select pg_advisory_lock({_LOCK})")
        rows = await connection.fetch("select name, fingerprint from content_versions")
        loaded = {row["name"]: row["fingerprint"] for row in rows}
        changed = [part for part in parts if loaded.get(part.name) != part.fingerprint()]
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
