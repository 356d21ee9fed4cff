"""Statements that end vacations."""

from sqlalchemy import Date, Integer, bindparam, text
from sqlalchemy.dialects.postgresql import UUID

from db.core.statement import Command, Row
from db.queries.expressions import VIEWER_ID
from db.queries.vacations import VacationRow

# The entry keeps its place in the log; one without days is undone, and its days are no longer frozen. No row if it
# has other days than `earlier_days`. Parameters: id, earlier_days, kept_days, ends_before.
end_vacation = Command(
    text("""
with ended as (
    update schedule_changes set days = :kept_days, undone = :kept_days = 0
    where user_id = :viewer_id and id = :id and days = :earlier_days
    returning id, day, days, changed_at, idempotency_key
),
unfrozen as (
    update review_days set freeze_reason = null, updated_at = now()
    where user_id = :viewer_id and freeze_reason = 'VACATION' and day >= :ends_before and exists (select from ended)
)
select * from ended
""").bindparams(
        VIEWER_ID,
        bindparam("id", type_=UUID),
        bindparam("earlier_days", type_=Integer),
        bindparam("kept_days", type_=Integer),
        bindparam("ends_before", type_=Date),
    ),
    VacationRow,
)

# Copied to the settings, which reviews lock and read.
set_vacation_at = Command(
    text("""
update user_settings set vacation_at = (
    select max(changed_at) from schedule_changes
    where user_id = :viewer_id and card_id is null and kind = 'VACATION' and not undone
), changed_in = pg_current_xact_id()
where user_id = :viewer_id
""").bindparams(VIEWER_ID),
    Row,
)
