"""Notifies learners in their evening if their streak ends unless they study."""

from datetime import timedelta

import asyncpg

from db.queries.dashboard import LEARNER
from db.queries.streaks import STREAK
from db.services.notifications import NewNotification, notify_users
from domain.ids import UserId
from domain.notifications import EVENING, MIN_STREAK, NotificationKind

# Of one run; the next run takes the others.
_MAX_LEARNERS = 1_000
# Evenings of days that have just started do not count.
_MAX_LEFT = timedelta(hours=12)
_STREAK = f"with {LEARNER}, {STREAK}".replace(":viewer_id", "learners.user_id").replace(":now", "now()")
# Whose local time is in the evening, who studied yesterday or earlier but not today, and who have no freeze left for
# today. Vacations freeze their days.
_LEARNERS = f"""
    select learners.user_id, learners.today::text as day, streak_days
    from (
        select user_id, streak_freezes_per_month,
            ((now() at time zone time_zone) - make_interval(hours => day_starts_at_hour))::date as today
        from user_settings join users on users.id = user_id and users.deleted_at is null
        where (now() at time zone time_zone)::time between $1 and $2
            and (
                ((now() at time zone time_zone) - make_interval(hours => day_starts_at_hour))::date + 1
                + make_interval(hours => day_starts_at_hour)
            ) at time zone time_zone - now() < $3
    ) as learners
    cross join lateral ({_STREAK} select streak_days, freezes.used from streak, freezes) as present
    where streak_days >= $4 and present.used + 1 > streak_freezes_per_month
        and not exists (
            select from review_days where review_days.user_id = learners.user_id and day = learners.today
                and (reviews > 0 or freeze_reason is not null)
        )
        and not exists (
            select from notifications where notifications.user_id = learners.user_id
                and notifications.kind = 'STREAK_AT_RISK' and cause = learners.today::text
        )
    limit $5
"""  # noqa: S608  # constants are put in, never values


async def remind_of_streaks(connection: asyncpg.Connection) -> None:
    """Notify each learner once a day. Two statements, whatever their number. Runs as the owner of the tables."""
    rows = await connection.fetch(_LEARNERS, *EVENING, _MAX_LEFT, MIN_STREAK, _MAX_LEARNERS)
    new = [NewNotification(UserId(row["user_id"]), row["day"], streak_days=row["streak_days"]) for row in rows]
    if new:
        now = await connection.fetchval("select now()")
        await notify_users(connection, NotificationKind.STREAK_AT_RISK, new, now)
