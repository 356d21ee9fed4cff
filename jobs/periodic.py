"""Work that comes again and again. However many workers there are, one of them does it when it is due."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import structlog

from db.core.database import owner_connection
from db.core.errors import DATABASE_ERRORS, log_database_error
from db.maintenance.materialized_views import refresh_statistics
from db.maintenance.orphaned_jobs import requeue_orphaned_jobs
from db.maintenance.partitions import create_partitions
from db.maintenance.retention import purge_expired
from db.maintenance.schedule import run_if_due
from jobs.wait_any import first_of

log = structlog.get_logger()

# How long after it was due it begins at the latest.
LOOK_EVERY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class PeriodicWork:
    """What is done as the owner of the tables, in one transaction, and how much later it is due again."""

    name: str
    every: timedelta
    do: Callable[[asyncpg.Connection], Awaitable[None]]


PERIODIC_WORK = (
    PeriodicWork("partitions", timedelta(days=1), create_partitions),
    PeriodicWork("statistics", timedelta(minutes=10), refresh_statistics),
    PeriodicWork("clean-up", timedelta(hours=1), purge_expired),
    PeriodicWork("lost jobs", timedelta(minutes=1), requeue_orphaned_jobs),
)


async def do_periodic_work(
    database_url: str, stopping: asyncio.Event, all_work: Sequence[PeriodicWork] = PERIODIC_WORK
) -> None:
    """Does what is due until told to stop; what runs then is finished. An outage of the database is waited out."""
    while not stopping.is_set():
        try:
            await do_what_is_due(database_url, all_work)
        except DATABASE_ERRORS as error:
            log_database_error("periodic work failed", error)
        await first_of(stopping, timeout=LOOK_EVERY)


async def do_what_is_due(database_url: str, all_work: Sequence[PeriodicWork] = PERIODIC_WORK) -> list[str]:
    """Once through all of it. Returns the names of what was done."""
    done: list[str] = []
    async with owner_connection(database_url) as connection:
        for work in all_work:
            if await run_if_due(connection, work.name, work.every, work.do):
                log.info("periodic work done", name=work.name)
                done.append(work.name)
    return done
