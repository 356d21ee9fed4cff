"""Statements about jobs as their owners see them. All personal."""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam, select
from sqlalchemy.dialects.postgresql import distinct_on

from db.keyset import Ordering
from db.listing import Listing
from db.queries.selecting import IDS, VIEWER_ID, among, columns
from db.query import Query, Row
from db.tables.jobs import jobs
from domain.values import JobKind, JobStatus


class JobRow(Row):
    """A job. `error` and `result` are JSON texts."""

    __slots__ = ()
    id: UUID
    textbook_id: UUID | None
    kind: JobKind
    status: JobStatus
    progress: float
    completed_steps: int
    total_steps: int
    message: str | None
    attempts: int
    max_attempts: int
    created_at: datetime
    scheduled_for: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: Any
    result: Any


_own_jobs = select(*columns(jobs, JobRow)).where(jobs.c.user_id == VIEWER_ID)

jobs_by_id = Query(_own_jobs.where(among(jobs.c.id, IDS)), JobRow, personal=True)

# The newest generation job of each textbook.
jobs_by_textbook_id = Query(
    _own_jobs.where(among(jobs.c.textbook_id, IDS), jobs.c.kind == JobKind.GENERATE_TEXTBOOK.value)
    .ext(distinct_on(jobs.c.textbook_id))
    .order_by(jobs.c.textbook_id, jobs.c.id.desc()),
    JobRow,
    personal=True,
)


@cache
def job_listing(*, has_status: bool) -> Listing[JobRow]:
    """Newest first. Parameters: viewer_id, and `status` where asked for."""
    statement = _own_jobs
    if has_status:
        statement = statement.where(jobs.c.status == bindparam("status", type_=Text))
    return Listing(statement, Ordering("job", (jobs.c.id,), descending=True), JobRow, personal=True)
