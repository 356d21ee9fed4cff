"""Periodic tasks. A due task is run by one worker, however many workers there are."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import structlog

from db.core.database import owner_connection
from db.core.errors import DATABASE_ERRORS, log_database_error
from db.maintenance.analytics import count_all_days, count_recent_days
from db.maintenance.card_statistics import count_cards
from db.maintenance.materialized_views import refresh_statistics
from db.maintenance.orphaned_jobs import requeue_orphaned_jobs
from db.maintenance.parameter_fits import enqueue_parameter_fits
from db.maintenance.partitions import create_partitions
from db.maintenance.publication import publish_due_books
from db.maintenance.retention import purge_expired
from db.maintenance.review_statistics import count_reviews
from db.maintenance.schedule import prepare_session, run_if_due
from db.maintenance.streak_reminders import remind_of_streaks
from jobs.wait_any import wait_any

log = structlog.get_logger()

# The maximum delay of a due task.
POLL_INTERVAL = timedelta(seconds=30)
# Tasks with such an interval wait for no others: statistics take minutes, and so does a storage that does not respond.
_SHORT_INTERVAL = timedelta(minutes=1)
# Of any task. One that hangs would end all periodic work of the process.
_STATEMENT_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class ScheduledTask:
    """A task that runs as the owner of the tables once in each `interval`, in one transaction by default."""

    name: str
    interval: timedelta
    run: Callable[[asyncpg.Connection], Awaitable[None]]
    in_transaction: bool = True


SCHEDULED_TASKS = (
    ScheduledTask("partitions", timedelta(days=1), create_partitions),
    ScheduledTask("publication", timedelta(seconds=15), publish_due_books),
    ScheduledTask("statistics", timedelta(minutes=10), refresh_statistics),
    ScheduledTask("analytics", timedelta(minutes=10), count_recent_days),
    ScheduledTask("analytics history", timedelta(days=1), count_all_days, in_transaction=False),
    ScheduledTask("reviews", timedelta(minutes=10), count_reviews),
    ScheduledTask("cards", timedelta(minutes=10), count_cards),
    ScheduledTask("retention", timedelta(hours=1), purge_expired),
    ScheduledTask("streak reminders", timedelta(minutes=10), remind_of_streaks),
    ScheduledTask("parameter fits", timedelta(hours=1), enqueue_parameter_fits),
    ScheduledTask("orphaned jobs", timedelta(minutes=1), requeue_orphaned_jobs),
)


async def run_scheduler(
    database_url: str, stopping: asyncio.Event, tasks: Sequence[ScheduledTask] = SCHEDULED_TASKS
) -> None:
    """Run due tasks until `stopping` is set; a running task is finished. Waits during outages of the database."""
    async with asyncio.TaskGroup() as groups:
        for is_frequent in (True, False):
            group = [task for task in tasks if (task.interval <= _SHORT_INTERVAL) is is_frequent]
            if group:
                groups.create_task(_run_group(database_url, stopping, group))


async def _run_group(database_url: str, stopping: asyncio.Event, tasks: Sequence[ScheduledTask]) -> None:
    """Run the tasks one after the other."""
    while not stopping.is_set():
        try:
            await run_due_tasks(database_url, tasks)
        except DATABASE_ERRORS as error:
            log_database_error("scheduler connection lost", error)
        await wait_any(stopping, timeout=POLL_INTERVAL)


async def run_due_tasks(database_url: str, tasks: Sequence[ScheduledTask] = SCHEDULED_TASKS) -> list[str]:
    """Run each due task once. Returns the names of the tasks that ran.

    A task that fails is logged and stays due; the others run. Raises one of `DATABASE_ERRORS` if the connection is
    lost.
    """
    done: list[str] = []
    async with owner_connection(database_url, command_timeout=_STATEMENT_SECONDS) as connection:
        await prepare_session(connection)
        for task in tasks:
            try:
                has_run = await run_if_due(
                    connection, task.name, task.interval, task.run, in_transaction=task.in_transaction
                )
            except Exception:
                if connection.is_closed():
                    raise
                log.exception("scheduled task failed", name=task.name)
            else:
                if has_run:
                    log.info("scheduled task done", name=task.name)
                    done.append(task.name)
    return done
