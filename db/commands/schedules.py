"""The statement by which administrators run a periodic task."""

from sqlalchemy import Text, bindparam, update

from db.core.statement import Command
from db.queries.expressions import NOW
from db.queries.schedules import SCHEDULE_COLUMNS, ScheduleRow
from db.tables.jobs import periodic_work

# No row for an unknown task. Parameters: name, now.
request_run = Command(
    update(periodic_work)
    .values(requested_at=NOW)
    .where(periodic_work.c.name == bindparam("name", type_=Text), periodic_work.c.interval_seconds.is_not(None))
    .returning(*SCHEDULE_COLUMNS),
    ScheduleRow,
)
