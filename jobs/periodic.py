"""Periodic tasks. A due task is run by one worker, however many workers there are."""

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
from db.maintenance.parameter_fits import enqueue_parameter_fits
from db.maintenance.partitions import create_partitions
from db.maintenance.retention import purge_expired
from db.maintenance.review_statistics import count_reviews
from db.maintenance.schedule import run_if_due
from jobs.wait_any import wait_any

log = structlog.get_logger()

# The maximum delay of a due task.
POLL_INTERVAL = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class ScheduledTask:
    """A task that runs as the owner of the tables, in one transaction, once in each `interval`."""

    name: str
    interval: timedelta
    run: Callable[[asyncpg.Connection], Awaitable[None]]


SCHEDULED_TASKS = (
    ScheduledTask("partitions", timedelta(days=1), create_partitions),
    ScheduledTask("statistics", timedelta(minutes=10), refresh_statistics),
    ScheduledTask("reviews", timedelta(minutes=10), count_reviews),
    ScheduledTask("retention", timedelta(hours=1), purge_expired),
    ScheduledTask("parameter fits", timedelta(hours=1), enqueue_parameter_fits),
    ScheduledTask("orphaned jobs", timedelta(minutes=1), requeue_orphaned_jobs),
)


async def run_scheduler(
    database_url: str, stopping: asyncio.Event, tasks: Sequence[ScheduledTask] = SCHEDULED_TASKS
) -> None:
    """Run due tasks until `stopping` is set; a running task is finished. Waits during outages of the database."""
    while not stopping.is_set():
        try:
            await run_due_tasks(database_url, tasks)
        except DATABASE_ERRORS as error:
            log_database_error("scheduler connection lost", error)
        await wait_any(stopping, timeout=POLL_INTERVAL)


async def run_due_tasks(database_url: str, tasks: Sequence[ScheduledTask] = SCHEDULED_TASKS) -> list[str]:
    """Run each due task once. Returns the names of the tasks that ran."""
    done: list[str] = []
    async with owner_connection(database_url) as connection:
        for task in tasks:
            if await run_if_due(connection, task.name, task.interval, task.run):
                log.info("scheduled task done", name=task.name)
                done.append(task.name)
    return done
