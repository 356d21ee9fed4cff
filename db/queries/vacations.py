"""Queries for vacations, which are entries of the log of all cards."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Text, bindparam, select, text

from db.core.statement import Query, Row
from db.queries.dashboard import LEARNER
from db.queries.expressions import NOW, VIEWER_ID, row_columns
from db.queries.jobs import AttemptRow, JobRow, is_pending_vacation
from db.tables.jobs import jobs
from db.tables.reviews import schedule_changes
from domain.enums import ScheduleChangeKind
from domain.vacations import Vacation


class VacationRow(Row):
    """A vacation of the viewer, from `day` on."""

    __slots__ = ()
    id: UUID
    day: date
    days: int
    changed_at: datetime
    idempotency_key: str

    @property
    def starts_on(self) -> date:
        """Its first day, by its name in the schema."""
        return self.day

    @property
    def ends_on(self) -> date:
        """Its last day."""
        return self.day + timedelta(days=self.days - 1)

    @property
    def vacation(self) -> Vacation:
        return Vacation(self.starts_on, self.ends_on)


# The present vacation, or the planned one. Parameters: viewer_id, now.
own_vacation = Query(
    text(f"""
with {LEARNER}
select id, day, days, changed_at, idempotency_key from schedule_changes, learner
where user_id = :viewer_id and card_id is null and kind = 'VACATION' and not undone and day + days > today
order by day limit 1
""").bindparams(VIEWER_ID, NOW),  # noqa: S608  # a constant is put in, never a value
    VacationRow,
    rls_scoped=True,
)

# Also one that was undone, which has no days. Parameter: key.
vacation_by_key = Query(
    select(*row_columns(schedule_changes, VacationRow)).where(
        schedule_changes.c.user_id == VIEWER_ID,
        schedule_changes.c.kind == ScheduleChangeKind.VACATION.value,
        schedule_changes.c.idempotency_key == bindparam("key", type_=Text),
    ),
    VacationRow,
    rls_scoped=True,
)

# Jobs that have not saved their change of a vacation.
pending_vacations = Query(
    select(*row_columns(jobs, JobRow), *row_columns(jobs, AttemptRow)).where(is_pending_vacation()),
    AttemptRow,
    rls_scoped=True,
)
