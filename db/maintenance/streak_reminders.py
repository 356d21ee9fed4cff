"""Notifies learners in their evening if their streak ends unless they study."""

from datetime import timedelta

import asyncpg

from db.core.database import IS_VARIANT
from db.queries.dashboard import LEARNER
from db.queries.streaks import STREAK
from db.services.notifications import NewNotification, notify_users
from domain.ids import UserId
from domain.notifications import EVENING, MIN_STREAK, NotificationKind

# Of one run; the next run takes the others.
_MAX_LEARNERS = 1_000
# Evenings of days that have just started do not count.
_MAX_LEFT = timedelta(hours=12)
# Learners whose local time is in the evening.
_IN_THE_EVENING = """
    (now() at time zone time_zone)::time between $1 and $2
    and (
        ((now() at time zone time_zone) - make_interval(hours => day_starts_at_hour))::date + 1
        + make_interval(hours => day_starts_at_hour)
    ) at time zone time_zone - now() < $3
"""
_TODAY = "((now() at time zone time_zone) - make_interval(hours => day_starts_at_hour))::date as today"
# Vacations freeze their days.
_HAS_NOT_STUDIED = """
    not exists (
        select from review_days where review_days.user_id = learners.user_id and day = learners.today
            and (reviews > 0 or freeze_reason is not null)
    )
"""
_WAS_NOT_NOTIFIED = """
    not exists (
        select from notifications where notifications.user_id = learners.user_id
            and notifications.kind = 'STREAK_AT_RISK' and cause = learners.today::text
    )
"""
_STREAK = f"with {LEARNER}, {STREAK}"
# Those whose streak is long enough, and who have no freeze left for today. Only constants are put in, never values.
_LEARNERS = f"""
    select learners.user_id, learners.today::text as day, streak_days
    from (
        select user_id, streak_freezes_per_month, {_TODAY}
        from user_settings join users on users.id = user_id and users.deleted_at is null
        where {_IN_THE_EVENING}
    ) as learners
    cross join lateral (
        {_STREAK.replace(":viewer_id", "learners.user_id").replace(":now", "now()")}
        select streak_days, freezes.used from streak, freezes
    ) as present
    where streak_days >= $4 and present.used + 1 > streak_freezes_per_month
        and {_HAS_NOT_STUDIED} and {_WAS_NOT_NOTIFIED}
    limit $5
"""  # noqa: S608
# On a distributed database: those who may have a streak. It ends if more days are missed in a month than the setting
# allows: between the last day that counts and today there are at most the days allowed in two months.
_CANDIDATES = f"""
    with learners as materialized (
        select * from (
            select user_id, streak_freezes_per_month, {_TODAY} from user_settings where {_IN_THE_EVENING}
        ) as learners
        where {_HAS_NOT_STUDIED} and exists (
            select from review_days where review_days.user_id = learners.user_id
                and day between learners.today - 1 - 2 * streak_freezes_per_month and learners.today - 1
                and (reviews > 0 or freeze_reason is not null)
        )
    )
    select user_id, today::text as day from learners
    where exists (select from users where users.id = user_id and users.deleted_at is null) and {_WAS_NOT_NOTIFIED}
"""  # noqa: S608
_STREAK_OF_LEARNER = f"""
    {_STREAK.replace(":viewer_id", "$1").replace(":now", "now()")}
    select streak_days from streak, freezes
    where streak_days >= $2
        and used + 1 > (select streak_freezes_per_month from user_settings where user_id = $1)
"""  # noqa: S608


async def remind_of_streaks(connection: asyncpg.Connection) -> None:
    """Notify each learner once a day. Runs as the owner of the tables."""
    is_distributed = await connection.fetchval(IS_VARIANT)
    new = await find_learners_at_risk(connection, is_distributed=is_distributed)
    if new:
        now = await connection.fetchval("select now()")
        await notify_users(connection, NotificationKind.STREAK_AT_RISK, new, now)


async def find_learners_at_risk(connection: asyncpg.Connection, *, is_distributed: bool) -> list[NewNotification]:
    """Return the notifications of a run, by one statement.

    `is_distributed`: by one more for each learner who studied on one of the last days and not today, because Citus does
    not execute a statement that computes the streaks of several learners.
    """
    if not is_distributed:
        rows = await connection.fetch(_LEARNERS, *EVENING, _MAX_LEFT, MIN_STREAK, _MAX_LEARNERS)
        return [NewNotification(UserId(row["user_id"]), row["day"], streak_days=row["streak_days"]) for row in rows]
    found: list[NewNotification] = []
    for row in await connection.fetch(_CANDIDATES, *EVENING, _MAX_LEFT):
        streak_days = await connection.fetchval(_STREAK_OF_LEARNER, row["user_id"], MIN_STREAK)
        if streak_days is not None:
            found.append(NewNotification(UserId(row["user_id"]), row["day"], streak_days=streak_days))
        if len(found) == _MAX_LEARNERS:
            break
    return found
