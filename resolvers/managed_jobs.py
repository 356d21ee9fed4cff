"""Resolvers of the jobs of all users and of periodic tasks, for administrators."""

from datetime import datetime, timedelta

import strawberry

from db.commands.administration import insert_looks, look_values
from db.core.pagination import Page
from db.queries.managed_jobs import (
    JobLogEntryRow,
    ManagedJobFilter,
    ManagedJobRow,
    paged_managed_jobs,
)
from db.queries.schedules import ScheduleRow, schedules
from domain.ids import UserId, global_id, parse_global_id_as
from domain.pages import page_arguments
from resolvers import jobs as resolve_jobs
from resolvers.context import Info
from resolvers.loader_field import load_by_key


async def managed_jobs(
    info: Info, first: int | None = None, after: str | None = None, filter: ManagedJobFilter | None = None
) -> Page[ManagedJobRow]:
    """The jobs of a single user are personal data, and a look at them is an audit entry."""
    reads, filter = info.context.reads, filter or ManagedJobFilter()
    arguments, parameters = page_arguments(first, after), filter.parameters()
    if filter.user_id is not None:
        user = parse_global_id_as(UserId, filter.user_id)
        if user != info.context.require_viewer().id:
            await reads.log_access(insert_looks, **look_values([user]))
    return await reads.page(paged_managed_jobs(filter), arguments, **parameters)


def job_id(parent: strawberry.Parent[ManagedJobRow]) -> strawberry.ID:
    return strawberry.ID(global_id("Job", parent.id))


def error(parent: strawberry.Parent[ManagedJobRow]) -> resolve_jobs.JobError | None:
    return resolve_jobs.parse_error(parent.error)


def duration_seconds(parent: strawberry.Parent[ManagedJobRow], info: Info) -> float | None:
    """Until now for a running job."""
    if parent.started_at is None:
        return None
    return max(0.0, ((parent.finished_at or info.context.now) - parent.started_at).total_seconds())


user = load_by_key(lambda loaders: loaders.managed_users.user_by_id, key="user_id")
usage = load_by_key(lambda loaders: loaders.managed_jobs.model_usage_by_job_id)


log = load_by_key(lambda loaders: loaders.managed_jobs.log_by_job_id)


def log_error(parent: strawberry.Parent[JobLogEntryRow]) -> resolve_jobs.JobError | None:
    return resolve_jobs.parse_error(parent.error)


async def all_schedules(info: Info) -> list[ScheduleRow]:
    return await info.context.reads.rows(schedules)


def next_run_at(parent: strawberry.Parent[ScheduleRow], info: Info) -> datetime:
    """Now if it is due."""
    now = info.context.now
    if parent.requested_at is not None or parent.done_at is None:
        return now
    return max(now, parent.done_at + timedelta(seconds=parent.interval_seconds))


def last_run_succeeded(parent: strawberry.Parent[ScheduleRow]) -> bool | None:
    if parent.failed_at is None and parent.done_at is None:
        return None
    return parent.failed_at is None
