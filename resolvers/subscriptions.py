"""Subscriptions: the current state, then the changes. They hold no connection while they wait."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, suppress
from datetime import UTC, datetime

import strawberry
from strawberry.types.nodes import SelectedField, Selection

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
from domain.ids import JobId, parse_global_id_as
from domain.jobs import TERMINAL
from domain.viewer import Dashboard
from engine.request.operations import SourceEvent
from resolvers.context import Context, Info
from resolvers.subscription_outages import RETRY_SECONDS, wait_for_recovery

# A client that is further behind gets the newest state, with the number of merged events.
MAX_BACKLOG = 50
# The tables of the dashboard: the learner's own, and for books in progress those of their titles and pages, whose
# changes wake the streams of all learners.
_OWN_TABLES_OF_DASHBOARD = ("cards", "review_days", "user_settings", "limit_extensions", "reading_progress")
_SHARED_TABLES_OF = {"currentlyReading": ("books",)}
# Cards that come due within this time are sent in one event.
_DUE_EVERY_SECONDS = 1.0


async def job_status(info: Info, id: strawberry.ID) -> AsyncGenerator[SourceEvent, None]:
    """Completes when the job is finished. Raises NotFound for a job that is not the viewer's."""
    context, job_id = info.context, parse_global_id_as(JobId, id)
    with context.services.changes.subscribe("job_events", job_id) as changed:
        newest = await _rows(context, events_of_job.newest, job_id=job_id)
        if not newest:
            raise NotFound("Job not found.")
        now = newest[0]
        if context.last_event_id is None:
            yield _event(now)
            after = now.event_id
        else:
            after = min(context.last_event_id, now.event_id)
        if after == now.event_id and _is_finished(now):
            return
        async with aclosing(_changes(context, changed, events_of_job, after, job_id=job_id)) as rows:
            async for row in rows:
                yield _event(row)
                if _is_finished(row):
                    return


async def my_jobs(info: Info) -> AsyncGenerator[SourceEvent, None]:
    """The current state of unfinished jobs, then every change of every job."""
    context = info.context
    with context.services.changes.subscribe("job_events", context.require_viewer().id) as changed:
        newest = await _rows(context, events_of_own_jobs.newest)
        after = newest[0].event_id if newest else 0
        if context.last_event_id is None:
            for row in await _rows(context, newest_events_of_unfinished_jobs, until=after):
                # Without an id: a client that resumed here would miss the other jobs.
                yield SourceEvent(row)
        else:
            after = min(context.last_event_id, after)
        async with aclosing(_changes(context, changed, events_of_own_jobs, after)) as rows:
            async for row in rows:
                yield _event(row)


async def dashboard_updated(info: Info) -> AsyncGenerator[SourceEvent, None]:
    """An event is computed when it is sent, so that a slow client skips outdated values.

    Changes of the tables and of the clock cause an event; it is sent only if the selected fields have changed.
    """
    context, viewer = info.context, info.context.require_viewer()
    watched = [
        *((table, viewer.id) for table in _OWN_TABLES_OF_DASHBOARD),
        *((table, None) for field in _field_names(info.selected_fields) for table in _SHARED_TABLES_OF.get(field, ())),
    ]
    with context.services.changes.subscribe_any(watched) as changed:
        while True:
            changed.clear()
            seconds = await _seconds_until_dashboard_changes(context)
            yield SourceEvent(Dashboard(viewer.id), only_if_changed=True)
            with suppress(TimeoutError):
                async with asyncio.timeout(max(seconds, _DUE_EVERY_SECONDS)):
                    await changed.wait()


def _field_names(selections: Iterable[Selection]) -> set[str]:
    """The names of all selected fields, at any depth."""
    names: set[str] = set()
    for selection in selections:
        if isinstance(selection, SelectedField):
            names.add(selection.name)
        names |= _field_names(selection.selections)
    return names


async def _seconds_until_dashboard_changes(context: Context) -> float:
    """Until a card becomes due or the learner's day ends."""
    key = ("dashboard", context.require_viewer().id)
    seconds: float = await context.services.shared_reads.call(key, lambda: _read_seconds(context))
    return seconds


async def _read_seconds(context: Context) -> float:
    now = datetime.now(UTC)
    try:
        [row] = await context.reads.rows(dashboard_changes_at, viewer_id=context.require_viewer().id, now=now)
    except (ServiceUnavailable, ValueError):
        # The event reports the missing settings.
        return RETRY_SECONDS
    return (row.changes_at - datetime.now(UTC)).total_seconds()


async def _changes(
    context: Context, changed: asyncio.Event, queries: JobEventQueries, after: int, **values: object
) -> AsyncGenerator[JobEventRow, None]:
    """Never completes; waits during outages of the database. A client far behind gets the newest state of each job."""
    while True:
        changed.clear()
        try:
            rows = await _rows(context, queries.in_order, after=after, limit=MAX_BACKLOG + 1, **values)
            if len(rows) > MAX_BACKLOG:
                rows = await _rows(context, queries.merged, after=after, **values)
        except ServiceUnavailable as error:
            await wait_for_recovery("job events unavailable", error)
            continue
        for row in rows:
            yield row
            after = row.event_id
        await changed.wait()


async def _rows(context: Context, query: Query[JobEventRow], **values: object) -> list[JobEventRow]:
    return await context.reads.rows(query, viewer_id=context.require_viewer().id, **values)


def _event(row: JobEventRow) -> SourceEvent:
    return SourceEvent(row, row.event_id, row.get("merged", 0))


def _is_finished(job: JobEventRow) -> bool:
    return JobStatus(job.status) in TERMINAL
