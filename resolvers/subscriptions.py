"""What subscriptions send: the state now, then the changes. While nothing changes, they hold no connection."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from datetime import UTC, datetime

import structlog

from common.throttle import Throttle
from db.core.statement import Query
from db.queries.dashboard import dashboard_changes_at
from db.queries.jobs import (
    JobEventQueries,
    JobEventRow,
    events_of_job,
    events_of_own_jobs,
    newest_events_of_unfinished_jobs,
)
from domain.enums import JobStatus
from domain.errors import NotFound, ServiceUnavailable
from domain.ids import parse_global_id_as
from domain.jobs import TERMINAL
from domain.viewer import Dashboard
from engine.request.operations import SourceEvent
from resolvers.context import Context, Info
from resolvers.nodes import GlobalId

# A client that is further behind gets the newest state, and the number of those that were left out.
MOST_BEHIND = 50
# What the dashboard is made of: the learner's own, and the titles and pages of books.
_OWN_TABLES_OF_DASHBOARD = ("cards", "review_days", "user_settings", "reading_progress")
_SHARED_TABLES = ("books",)
# Cards that come due one after the other are told together.
_DUE_EVERY_SECONDS = 1.0
# How soon to look again when the database could not be asked.
_LOOK_AGAIN_SECONDS = 2.0

log = structlog.get_logger()
# All streams of the process meet the same outage.
_throttle = Throttle()


async def job_status(info: Info, id: GlobalId) -> AsyncGenerator[SourceEvent, None]:
    """Ends with the job. Raises NotFound where there is none that is the viewer's."""
    context, job_id = info.context, parse_global_id_as("Job", id)
    with context.services.changes.subscribe("job_events", job_id) as changed:
        newest = await _rows(context, events_of_job.newest, job_id=job_id)
        if not newest:
            raise NotFound("There is no such job.")
        now = newest[0]
        if context.resume_after is None:
            yield _event(now)
            after = now.event_id
        else:
            after = min(context.resume_after, now.event_id)
        if after == now.event_id and _has_ended(now):
            return
        async with aclosing(_changes(context, changed, events_of_job, after, job_id=job_id)) as rows:
            async for row in rows:
                yield _event(row)
                if _has_ended(row):
                    return


async def my_jobs(info: Info) -> AsyncGenerator[SourceEvent, None]:
    """Those that did not end, as they are now; then every change of every job."""
    context = info.context
    with context.services.changes.subscribe("job_events", context.signed_in().id) as changed:
        newest = await _rows(context, events_of_own_jobs.newest)
        after = newest[0].event_id if newest else 0
        if context.resume_after is None:
            for row in await _rows(context, newest_events_of_unfinished_jobs, until=after):
                # No place to resume from: other jobs are still to come.
                yield SourceEvent(row)
        else:
            after = min(context.resume_after, after)
        async with aclosing(_changes(context, changed, events_of_own_jobs, after)) as rows:
            async for row in rows:
                yield _event(row)


async def dashboard_updated(info: Info) -> AsyncGenerator[SourceEvent, None]:
    """Each event counts anew when it is sent: a client that is behind misses figures that are not right any more.

    Whatever may have changed it wakes it, also the clock; what the client selected is sent where it is another.
    """
    context, viewer = info.context, info.context.signed_in()
    watched = [
        *((table, viewer.id) for table in _OWN_TABLES_OF_DASHBOARD),
        *((table, None) for table in _SHARED_TABLES),
    ]
    with context.services.changes.subscribe_any(watched) as changed:
        while True:
            changed.clear()
            seconds = await _seconds_until_dashboard_changes(context)
            yield SourceEvent(Dashboard(viewer.id), only_if_changed=True)
            with suppress(TimeoutError):
                async with asyncio.timeout(max(seconds, _DUE_EVERY_SECONDS)):
                    await changed.wait()


async def _seconds_until_dashboard_changes(context: Context) -> float:
    """By the clock alone: a card comes due, or the learner's day ends."""
    now = datetime.now(UTC)
    try:
        [row] = await context.reads.rows(dashboard_changes_at, viewer_id=context.signed_in().id, now=now)
    except (ServiceUnavailable, ValueError):
        # Who has no settings any more is told so by the event.
        return _LOOK_AGAIN_SECONDS
    return (row.changes_at - datetime.now(UTC)).total_seconds()


async def _changes(
    context: Context, changed: asyncio.Event, queries: JobEventQueries, after: int, **values: object
) -> AsyncGenerator[JobEventRow, None]:
    """For ever; outages of the database are waited out. A client far behind gets the newest state of each job."""
    while True:
        changed.clear()
        try:
            rows = await _rows(context, queries.in_order, after=after, limit=MOST_BEHIND + 1, **values)
            if len(rows) > MOST_BEHIND:
                rows = await _rows(context, queries.merged, after=after, **values)
        except ServiceUnavailable as error:
            if _throttle.admit("rows") is not None:
                log.warning("job events cannot be read", reason=str(error.__cause__ or error))
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            continue
        for row in rows:
            yield row
            after = row.event_id
        await changed.wait()


async def _rows(context: Context, query: Query[JobEventRow], **values: object) -> list[JobEventRow]:
    return await context.reads.rows(query, viewer_id=context.signed_in().id, **values)


def _event(row: JobEventRow) -> SourceEvent:
    return SourceEvent(row, row.event_id, row.get("merged", 0))


def _has_ended(job: JobEventRow) -> bool:
    return JobStatus(job.status) in TERMINAL
