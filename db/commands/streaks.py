"""Statements that freeze days without reviews."""

from datetime import date

from sqlalchemy import Date, Text, bindparam, func, text, update
from sqlalchemy.dialects.postgresql import ARRAY

from db.core.statement import Command, Query, Row
from db.queries.dashboard import LEARNER
from db.queries.expressions import NOW, VIEWER_ID
from db.queries.streaks import STREAK
from db.tables.users import user_settings
from domain.enums import StreakFreezeReason


class StreakDayRow(Row):
    """A day that was studied or frozen."""

    __slots__ = ()
    day: date
    studied: bool
    freeze_reason: StreakFreezeReason | None
    streak_ended_from: date | None
    streak_ended_until: date | None


class OpenGapRow(Row):
    """The days since the last review, until yesterday. `missed`: those that are not frozen."""

    __slots__ = ()
    starts_on: date
    today: date
    missed: list[date]
    has_ended_streak: bool


# The days in the months from the last studied day before `first` to the next one after `last`.
streak_days_around = Query(
    text("""
select day, reviews > 0 as studied, freeze_reason, streak_ended_from, streak_ended_until
from review_days join user_settings using (user_id), (
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

# No row without missed days. Parameter: now.
open_gap = Query(
    text(f"""
with {LEARNER}, {STREAK}
select studied_on + 1 as starts_on, today, array(select day from missed_days order by day) as missed,
    not exists (select from streak) as has_ended_streak
from last_run, learner where exists (select from missed_days)
""").bindparams(VIEWER_ID, NOW),  # noqa: S608  # constants are put in, never a value
    OpenGapRow,
    rls_scoped=True,
)

# Parameters: starts_on, until.
end_streak = Command(
    update(user_settings)
    .values(
        streak_ended_from=bindparam("starts_on", type_=Date),
        streak_ended_until=bindparam("until", type_=Date),
        changed_in=func.pg_current_xact_id(),
    )
    .where(user_settings.c.user_id == VIEWER_ID),
    Row,
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
