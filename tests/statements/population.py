"""A database large enough for the planner to choose the indexes of production, and users to run operations as."""

import asyncio
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from content.seed import Amounts, seed
from db.core.database import owner_connection
from tests.databases import execute

# ANALYZE reads all rows of tables with at most 30,000, so that plans are the same in each run.
_AMOUNTS = Amounts(learners=500, cards=25_000, reviews=25_000, books=2_000, textbooks=100, reading_progress=5_000)
# Ids and times of seeded rows count back from this day.
_ANCHOR = "2026-01-01"
_JOBS = """
    insert into jobs (id, user_id, kind, status, progress, completed_steps, total_steps, attempts, max_attempts, input,
            scheduled_for, created_at)
        select md5('job ' || subject || '/' || n)::uuid, users.id, 'EXPORT', 'SUCCEEDED', 1, 1, 1, 1, 3, '{}',
            created_at, created_at
        from users, generate_series(1, 20) as n where subject like 'seed-%';
    insert into job_events (job_id, user_id, at, state)
        select id, user_id, created_at, to_jsonb(jobs) from jobs, generate_series(1, 2);
"""
# Autovacuum would change plans while tests run.
_NO_AUTOVACUUM = """
    do $$ declare name regclass; begin
        for name in select oid from pg_class where relkind in ('r', 'm') and relnamespace = 'public'::regnamespace loop
            execute format('alter table %s set (autovacuum_enabled = false)', name);
        end loop;
    end $$
"""
_LEARNER = (Path(__file__).parent / "learner.sql").read_text()


async def populate(url: str) -> None:
    """Adds the rows of a busy platform to the content, deterministically."""
    await execute(url, f"insert into content_versions (name, fingerprint) values ('seed', '{_ANCHOR}')")
    await execute(url, _NO_AUTOVACUUM)
    await asyncio.to_thread(seed, url, _AMOUNTS)
    await execute(url, _JOBS)
    await execute(url, "analyze")


async def create_learner(url: str, subject: str, now: datetime) -> UUID:
    """A learner with cards, reviews and books, whose ids follow from the subject."""
    async with owner_connection(url) as connection:
        await connection.execute(_LEARNER, subject, now)
        id: UUID = await connection.fetchval("select id from users where subject = $1", subject)
        return id


def study_day(now: datetime) -> date:
    """The date on which such a learner studies: the day turns at four."""
    return (now - timedelta(hours=now.hour - 12 + 4)).date()
