"""The table of e-mails as an outbox: workers, which own the table, claim pending ones and record the results."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from domain.emails import SENDING_TIMEOUT, EmailState
from domain.notifications import NotificationKind

# The channel on which a trigger announces new e-mails. See db/migrations/versions/0062_emails.py.
EMAILS_CHANNEL = "emails"

# Of one connection to the mail server.
_BATCH_SIZE = 10
# Committed before anything is sent: an e-mail whose worker dies is not sent again.
_CLAIM = """
    with claimed as (
        update emails set state = 'SENDING', attempts = attempts + 1, updated_at = clock_timestamp()
        where notification_id in (
            select notification_id from emails where state = 'PENDING' and next_attempt_at <= now()
            order by next_attempt_at, notification_id limit $1 for update skip locked
        )
        returning notification_id, user_id, attempts
    )
    select claimed.*, notifications.kind, notifications.created_at, streak_days, email, locale,
        coalesce(textbooks.title, groups.name) as subject,
        email_verified and users.deleted_at is null and (blocked_at is null or blocked_until <= now())
            and coalesce(is_enabled, true) as is_wanted
    from claimed
    join notifications on notifications.id = notification_id
    join users on users.id = claimed.user_id
    left join notification_preferences as preference on preference.user_id = claimed.user_id
        and preference.kind = notifications.kind and preference.channel = 'EMAIL'
    left join textbooks on textbooks.id = textbook_id
    left join assignments on assignments.id = assignment_id
    left join groups on groups.id = assignments.group_id
    order by notifications.created_at
"""
# An attempt that was abandoned meanwhile changes nothing.
_SETTLE = """
    update emails set state = $3, error = $4, next_attempt_at = now() + $5, updated_at = clock_timestamp()
    where notification_id = $1 and attempts = $2 and state = 'SENDING'
"""
_ABANDON = """
    update emails set state = 'UNCERTAIN', error = 'The worker was lost.', updated_at = clock_timestamp()
    where state = 'SENDING' and updated_at < now() - $1::interval
"""
_NEXT = "select extract(epoch from min(next_attempt_at) - now())::float8 from emails where state = 'PENDING'"


@dataclass(frozen=True, slots=True)
class OutgoingEmail:
    """An e-mail that this worker sends. `subject`: the title of the textbook or the name of the group."""

    id: UUID
    user_id: UUID
    attempts: int
    kind: NotificationKind
    created_at: datetime
    streak_days: int | None
    email: str
    locale: str | None
    subject: str | None
    is_wanted: bool


async def claim_emails(connection: asyncpg.Connection) -> list[OutgoingEmail]:
    """Claim a batch of due e-mails, oldest first. Two statements."""
    await connection.execute(_ABANDON, SENDING_TIMEOUT)
    return [
        OutgoingEmail(
            row["notification_id"],
            row["user_id"],
            row["attempts"],
            NotificationKind(row["kind"]),
            row["created_at"],
            row["streak_days"],
            row["email"],
            row["locale"],
            row["subject"],
            row["is_wanted"],
        )
        for row in await connection.fetch(_CLAIM, _BATCH_SIZE)
    ]


async def settle_email(
    connection: asyncpg.Connection,
    email: OutgoingEmail,
    state: EmailState,
    error: str | None = None,
    delay: timedelta = timedelta(),
) -> None:
    """Record the result of an attempt. `delay`: until the next one, for PENDING."""
    await connection.execute(_SETTLE, email.id, email.attempts, state.value, error, delay)


async def seconds_until_next(connection: asyncpg.Connection) -> float | None:
    """Return the seconds until an e-mail is due; None without pending ones."""
    seconds: float | None = await connection.fetchval(_NEXT)
    return seconds
