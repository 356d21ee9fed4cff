"""Statements that freeze days without reviews."""

from datetime import date

from sqlalchemy import Date, Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from db.core.statement import Command, Query, Row
from db.queries.expressions import VIEWER_ID
from domain.enums import StreakFreezeReason


class StreakDayRow(Row):
    """A day that was studied or frozen."""

    __slots__ = ()
    day: date
    studied: bool
    freeze_reason: StreakFreezeReason | None


# The days in the months from the last studied day before `first` to the next one after `last`.
streak_days_around = Query(
    text("""
select day, reviews > 0 as studied, freeze_reason
from review_days, (
    select
        coalesce(max(day) filter (where day < :first), :first) as starts_on,
        coalesce(min(day) filter (where day > :last), :last) as ends_on
    from review_days where user_id = :viewer_id and reviews > 0
) as around
where user_id = :viewer_id and (reviews > 0 or freeze_reason is not null)
    and day >= date_trunc('month', starts_on) and day < date_trunc('month', ends_on) + interval '1 month'
""").bindparams(VIEWER_ID, bindparam("first", type_=Date), bindparam("last", type_=Date)),
    StreakDayRow,
    rls_scoped=True,
)

# Of days without reviews that are not frozen; a vacation has all of its days. Parameters: days, reason.
freeze_days = Command(
    text("""
insert into review_days (user_id, day, reviews, recalled, new_cards, duration_ms, freeze_reason)
select :viewer_id, day, 0, 0, 0, 0, :reason from unnest(:days) as frozen (day) order by day
on conflict (user_id, day) do update
    set freeze_reason = excluded.freeze_reason, updated_at = excluded.updated_at
where excluded.freeze_reason = 'VACATION' or (review_days.reviews = 0 and review_days.freeze_reason is null)
""").bindparams(VIEWER_ID, bindparam("days", type_=ARRAY(Date)), bindparam("reason", type_=Text)),
    Row,
)
