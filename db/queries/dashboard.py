"""Queries for the viewer's dashboard.

Days are the learner's: in their time zone, starting at their hour. The cost does not depend on the number of reviews:
there is a row of totals per day, and the statistics view covers all but the newest run of days.
"""

from datetime import date, datetime

from sqlalchemy import Integer, bindparam, text

from db.core.cache_tags import list_tags, viewer_tags
from db.core.statement import Query, Row
from db.queries.expressions import NOW, VIEWER_ID
from db.queries.learner_days import start_of_day
from db.queries.streaks import STREAK
from domain.enums import MATURE_INTERVAL_DAYS, JlptLevel, StreakFreezeReason


class DashboardTotalsRow(Row):
    """Current totals, valid until `changes_at`. `retention30d` is None without reviews."""

    __slots__ = ()
    streak_days: int
    longest_streak_days: int
    streak_freezes_used: int
    streak_freezes_left: int
    due_now: int
    reviews_today: int
    new_today: int
    retention30d: float | None
    study_minutes7d: float
    changes_at: datetime


class DueForecastRow(Row):
    """The number of cards that become due on a day. Today includes overdue cards."""

    __slots__ = ()
    date: date
    due: int
    changes_at: datetime


class ActivityDayRow(Row):
    """The reviews of a day."""

    __slots__ = ()
    date: date
    reviews: int
    recalled: int
    streak_freeze: StreakFreezeReason | None
    changes_at: datetime


class LevelProgressRow(Row):
    """The progress of the learner in a level."""

    __slots__ = ()
    jlpt_level: JlptLevel
    total: int
    learning: int
    mature: int


class ChangesAtRow(Row):
    """The time at which the dashboard changes without a write."""

    __slots__ = ()
    changes_at: datetime


_DAYS = bindparam("days", type_=Integer)

# `day_ends_at`: the start of the next day.
LEARNER = f"""
    learner as (
        select time_zone, turn, today, {start_of_day("today + 1")} as day_ends_at
        from user_settings
            cross join lateral (select make_interval(hours => day_starts_at_hour) as turn) as turns
            cross join lateral (select ((:now at time zone time_zone) - turn)::date as today) as days
        where user_id = :viewer_id
    )
"""  # noqa: S608  # a constant is put in, never a value

# Followed by further conditions.
STUDIED_CARDS = "cards where user_id = :viewer_id and deleted_at is null and not suspended"

# Only constants are put in, never values.
TOTALS = f"""
with {LEARNER},
{STREAK},
recent as (
    select
        coalesce(sum(reviews) filter (where day = today), 0)::int as reviews_today,
        coalesce(sum(new_cards) filter (where day = today), 0)::int as new_today,
        sum(recalled)::float8 / nullif(sum(reviews - crammed), 0) as retention30d,
        coalesce(sum(duration_ms) filter (where day > today - 7), 0)::float8 / 60000 as study_minutes7d
    from review_days, learner
    where user_id = :viewer_id and day > today - 30 and day <= today
)
select
    coalesce((select streak_days from streak), 0) as streak_days,
    greatest(
        coalesce((select max(days) from runs), 0), coalesce((select longest_streak_days from earlier), 0)
    ) as longest_streak_days,
    used as streak_freezes_used,
    greatest(
        (select streak_freezes_per_month from user_settings where user_id = :viewer_id) - used, 0
    ) as streak_freezes_left,
    (select count(*)::int from {STUDIED_CARDS} and due_at <= :now) as due_now,
    recent.*,
    least(
        day_ends_at,
        (select min(due_at) from {STUDIED_CARDS} and due_at > :now)
    ) as changes_at
from learner, recent, freezes
"""  # noqa: S608
dashboard_totals = Query(
    text(TOTALS).bindparams(VIEWER_ID, NOW),
    DashboardTotalsRow,
    rls_scoped=True,
    cache_tags=[viewer_tags("Dashboard")],
    changes_at="changes_at",
)

due_forecast = Query(
    text(f"""
with {LEARNER},
due as (
    select greatest(((due_at at time zone time_zone) - turn)::date, today) as day, count(*)::int as due
    from learner, {STUDIED_CARDS}
        and due_at < (select {start_of_day("today + :days")} from learner)
    group by 1
)
select today + day_number as date, coalesce(due, 0) as due, day_ends_at as changes_at
from learner cross join generate_series(0, :days - 1) as day_number left join due on due.day = today + day_number
order by 1
""").bindparams(VIEWER_ID, NOW, _DAYS),  # noqa: S608  # a constant is put in, never a value
    DueForecastRow,
    rls_scoped=True,
    cache_tags=[viewer_tags("Dashboard")],
    changes_at="changes_at",
)

activity_days = Query(
    text(f"""
with {LEARNER}
select today - day_number as date, coalesce(reviews, 0) as reviews, coalesce(recalled, 0) as recalled,
    freeze_reason as streak_freeze, day_ends_at as changes_at
from learner cross join generate_series(:days - 1, 0, -1) as day_number
    left join review_days on user_id = :viewer_id and day = today - day_number
order by 1
""").bindparams(VIEWER_ID, NOW, _DAYS),  # noqa: S608  # a constant is put in, never a value
    ActivityDayRow,
    rls_scoped=True,
    cache_tags=[viewer_tags("Dashboard")],
    changes_at="changes_at",
)

level_progress = Query(
    text("""
select stats.jlpt_level, stats.vocabulary_count as total, coalesce(learning, 0)::int as learning,
    coalesce(mature, 0)::int as mature
from jlpt_content_stats as stats left join (
    select vocabulary.jlpt_level,
        count(*) filter (where state <> 'NEW' and interval_days < :mature_interval_days) as learning,
        count(*) filter (where interval_days >= :mature_interval_days) as mature
    from cards join vocabulary on vocabulary.id = vocabulary_id
    where user_id = :viewer_id and deleted_at is null and kind = 'RECOGNITION'
    group by 1
) as own using (jlpt_level)
order by stats.jlpt_level desc
""").bindparams(VIEWER_ID, bindparam("mature_interval_days", MATURE_INTERVAL_DAYS, type_=Integer)),
    LevelProgressRow,
    rls_scoped=True,
    cache_tags=[viewer_tags("Dashboard"), list_tags("jlptContentStats"), list_tags("vocabulary")],
)

dashboard_changes_at = Query(
    text(f"""
with {LEARNER}
select least(
    day_ends_at, (select min(due_at) from {STUDIED_CARDS} and due_at > :now)
) as changes_at
from learner
""").bindparams(VIEWER_ID, NOW),  # noqa: S608  # a constant is put in, never a value
    ChangesAtRow,
    rls_scoped=True,
)
