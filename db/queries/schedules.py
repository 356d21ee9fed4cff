"""Queries for the periodic tasks of workers."""

from datetime import datetime

from sqlalchemy import select, text

from db.core.statement import Query, Row
from db.tables.jobs import periodic_work
from domain.list_sizes import MAX_SCHEDULES


class ScheduleRow(Row):
    """A periodic task. `done_at`: its last success, if there was one. `failed_at`: None if the last run succeeded."""

    __slots__ = ()
    name: str
    interval_seconds: int
    started_at: datetime | None
    done_at: datetime | None
    failed_at: datetime | None
    duration_ms: int | None
    error: str | None
    requested_at: datetime | None

    @property
    def last_started_at(self) -> datetime | None:
        return self.started_at

    @property
    def last_duration_ms(self) -> int | None:
        return self.duration_ms

    @property
    def last_succeeded_at(self) -> datetime | None:
        return self.done_at


SCHEDULE_COLUMNS = (
    periodic_work.c.name,
    periodic_work.c.interval_seconds,
    periodic_work.c.started_at,
    text("nullif(done_at, '-infinity') as done_at"),
    periodic_work.c.failed_at,
    periodic_work.c.duration_ms,
    periodic_work.c.error,
    periodic_work.c.requested_at,
)
# Those that a worker of this version has registered.
_is_known = periodic_work.c.interval_seconds.is_not(None)
schedules = Query(
    select(*SCHEDULE_COLUMNS).where(_is_known).order_by(periodic_work.c.name).limit(MAX_SCHEDULES),
    ScheduleRow,
    rls_scoped=True,
)
