"""Alembic environment: asyncpg, and a lock that serializes migrations of all processes."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db.tables import metadata

# An arbitrary number that no other advisory lock of the database uses.
_MIGRATION_LOCK = 7_465_010


def _migrate(connection: Connection) -> None:
    # A session-level lock is held across the transactions of migrations and released with the connection.
    connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": _MIGRATION_LOCK})
    connection.commit()
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def _run() -> None:
    engine = create_async_engine(context.config.attributes["database_url"], poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
        await connection.commit()
    await engine.dispose()


asyncio.run(_run())
