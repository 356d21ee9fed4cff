"""Creates notifications in the transaction of their cause, marks them as read, and changes preferences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from db.commands import notifications as commands
from db.core.transaction import Transaction
from db.queries.notifications import NotificationRow, notifications_by_id
from domain.ids import AssignmentId, JobId, NotificationId, TextbookId, UserId, new_ids
from domain.notifications import DEFAULT_CHANNELS, NotificationChannel, NotificationKind
from domain.user_errors import UserErrorCode, invalid_input
from domain.validation import require_found

_UNKNOWN = "Notification not found."


@dataclass(frozen=True, slots=True)
class NewNotification:
    """A notification to create. `cause` identifies what happened: no user is notified of it twice."""

    user_id: UserId
    cause: str
    job_id: JobId | None = None
    textbook_id: TextbookId | None = None
    assignment_id: AssignmentId | None = None
    streak_days: int | None = None


async def notify_viewer(transaction: Transaction, kind: NotificationKind, new: NewNotification) -> None:
    """Notify the viewer, unless they were notified of the cause before or do not want it. One statement."""
    await transaction.rows(commands.insert_notifications, **_values(kind, [new]))


async def notify_users(
    connection: asyncpg.Connection, kind: NotificationKind, notifications: Sequence[NewNotification], now: datetime
) -> None:
    """Like `notify_viewer`, for any users, as the owner of the tables. One statement."""
    command = commands.insert_notifications
    await connection.execute(command.sql, *command.arguments(_values(kind, notifications) | {"now": now}))


async def mark_read(
    transaction: Transaction, ids: Sequence[NotificationId], up_to: NotificationId | None
) -> list[NotificationRow]:
    """Mark unread notifications as read, and return them, newest first and at most `MAX_MARKED`.

    `up_to`: this one and all older ones. Two statements. Raises InvalidInput for an unknown notification.
    """
    wanted = [*ids] if up_to is None else [up_to]
    found = {row.id for row in await transaction.rows(notifications_by_id, ids=wanted)}
    if up_to is None:
        require_found(ids, found, _UNKNOWN, "ids")
    elif up_to not in found:
        raise invalid_input(UserErrorCode.NOT_FOUND, _UNKNOWN, "upTo")
    return await transaction.rows(commands.mark_read, ids=ids, up_to=up_to)


async def save_preferences(
    transaction: Transaction, preferences: Mapping[tuple[NotificationKind, NotificationChannel], bool]
) -> None:
    """Change whether the viewer is notified of kinds by channels. One statement."""
    rows = ((kind.value, channel.value, is_enabled) for (kind, channel), is_enabled in preferences.items())
    await transaction.rows(commands.save_preferences, **commands.changed_preferences.values(rows))


def _values(kind: NotificationKind, notifications: Sequence[NewNotification]) -> dict[str, object]:
    defaults = DEFAULT_CHANNELS[kind]
    return {
        "kind": kind.value,
        "default_in_app": NotificationChannel.IN_APP in defaults,
        "default_email": NotificationChannel.EMAIL in defaults,
        "ids": new_ids(len(notifications)),
        "user_ids": [new.user_id for new in notifications],
        "causes": [new.cause for new in notifications],
        "job_ids": [new.job_id for new in notifications],
        "textbook_ids": [new.textbook_id for new in notifications],
        "assignment_ids": [new.assignment_id for new in notifications],
        "streak_days": [new.streak_days for new in notifications],
    }
