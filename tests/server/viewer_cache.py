"""The viewer cache of a process with one connection, the statements that it sends, and accounts for it."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from cache.redis.rate_limiter import RateLimits
from db.core import database as database_module
from db.core.database import Database, open_database, owner_connection
from db.core.pooled_connection import PooledConnection
from domain.list_sizes import MAX_CLIENTS_OF_USER
from domain.viewer import Viewer
from server.auth.claims import Claims
from server.auth.viewer_cache import ViewerCache

NOW = datetime.now(UTC)
ISSUED_AT = datetime(2026, 3, 1, tzinfo=UTC)
EARLIER, LATER = ISSUED_AT - timedelta(days=1), ISSUED_AT + timedelta(days=1)
INSERT = """
    with added as (
        insert into users (id, subject, email, display_name, role, claims_issued_at)
            select md5(subject)::uuid, subject, subject || '@example.org', 'Haru', 'learner', '2026-03-01'
            from unnest($1::text[]) as new (subject)
        returning id
    )
    insert into user_settings (user_id, scheduler, desired_retention, new_cards_per_day, reviews_per_day, time_zone)
        select id, 'FSRS', 0.9, 20, 200, 'UTC' from added
"""
# Those of the client `app` only.
USED = """update users set clients = '{"app": "2100-01-01"}'"""
SUBJECTS = [f"subject {number}" for number in range(200)]

# What distinguishes accounts.
STATES = {
    "learner": "role = 'learner'",
    "administrator": "role = 'admin'",
    "blocked": "blocked_at = '2026-01-01', blocked_reason = 'Spam'",
    "blocked until": "blocked_at = '2026-01-01', blocked_until = '2100-01-01', blocked_reason = 'Spam'",
    "block has expired": "blocked_at = '2026-01-01', blocked_until = '2026-01-02', blocked_reason = 'Spam'",
    "deleted": "deleted_at = '2026-01-01'",
    "blocked and deleted": "deleted_at = '2026-01-01', blocked_at = '2026-01-01', blocked_reason = 'Spam'",
    "chose a name": "has_chosen_name = true",
    "verified": "email_verified = true",
    "no token": "claims_issued_at = null",
    "used long ago": "last_active_at = '2026-01-01'",
    "used by this client long ago": """clients = '{"app": "2026-01-01"}'""",
    "used by many clients": f"""clients = (
        select jsonb_object_agg(number, '2026-01-01'::timestamptz)
        from generate_series(1, {MAX_CLIENTS_OF_USER}) as number
    )""",
}


async def add_users(url: str, subjects: Sequence[str]) -> None:
    """Accounts of which nothing is due if `app` uses them."""
    async with owner_connection(url) as connection:
        await connection.execute(INSERT, subjects)
        await connection.execute(f"{USED} where subject = any($1)", subjects)


class Sent:
    """The statements of all pools that are opened in a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements: list[str] = []
        sent = self

        class LoggedConnection(PooledConnection):
            __slots__ = ()

            def __init__(self, *arguments: Any, **options: Any) -> None:
                super().__init__(*arguments, **options)
                self.add_query_logger(sent._log)

        monkeypatch.setattr(database_module, "PooledConnection", LoggedConnection)

    def _log(self, query: "asyncpg.connection.LoggedQuery") -> None:
        # The driver looks up types when a connection needs them first.
        if "typeinfo_tree" not in query.query and "'jit'" not in query.query:
            self.statements.append(query.query)

    def count(self, part: str) -> int:
        return sum(part in statement for statement in self.statements)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    return Sent(monkeypatch)


@pytest.fixture
async def cache(writable_database_url: str, sent: Sent) -> AsyncIterator[ViewerCache]:
    """That of a process with one connection."""
    await add_users(writable_database_url, SUBJECTS)
    async with open_database(writable_database_url, min_size=1, max_size=1) as database:
        cache = cache_of(database)
        try:
            yield cache
        finally:
            await cache.close()


def claims_of(subject: str, name: str = "Haru", issued_at: datetime = ISSUED_AT) -> Claims:
    return Claims(subject, f"{subject}@example.org", name, issued_at, NOW + timedelta(days=1))


def cache_of(database: Database, is_listening: Callable[[], bool] = lambda: True) -> ViewerCache:
    return ViewerCache(database, RateLimits(None, "test"), is_listening, max_bytes=10_000_000)


async def get(cache: ViewerCache, subject: str, client: str = "app", **values: Any) -> Viewer:
    return await cache.get(claims_of(subject, **values), "192.0.2.1", client)
