"""The subscription to the viewer's notifications. It holds no connection while it waits."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from db.queries.notifications import NotificationRow, newest_notifications, unread_count
from domain.errors import ServiceUnavailable
from domain.ids import NotificationId
from domain.notifications import MAX_NEW
from engine.request.operations import SourceEvent
from resolvers.context import Context, Info
from resolvers.subscription_outages import wait_for_recovery


@dataclass(frozen=True, slots=True)
class NotificationEvent:
    """`notification`: a new one; None if only the number of unread ones may have changed."""

    notification: NotificationRow | None
    unread_count: int


async def notification_received(info: Info) -> AsyncGenerator[SourceEvent, None]:
    """The number of unread notifications, then each new notification, oldest first, and each other number.

    At most `MAX_NEW` new ones are sent together, the newest. Two statements for each event of the table.
    """
    context = info.context
    seen: set[NotificationId] | None = None
    with context.services.changes.subscribe("notifications", context.require_viewer().id) as changed:
        while True:
            changed.clear()
            try:
                newest, unread = await _newest(context)
            except ServiceUnavailable as error:
                if seen is None:
                    raise
                await wait_for_recovery("notifications unavailable", error)
                continue
            # Ids are compared instead of times, because transactions are not committed in the order of their ids.
            new = [] if seen is None else [row for row in reversed(newest) if row.id not in seen]
            for row in new:
                yield SourceEvent(NotificationEvent(row, unread))
            if not new:
                yield SourceEvent(NotificationEvent(None, unread), only_if_changed=True)
            seen = {row.id for row in newest}
            await changed.wait()


async def _newest(context: Context) -> tuple[list[NotificationRow], int]:
    viewer_id = context.require_viewer().id
    newest = await context.reads.rows(newest_notifications, viewer_id=viewer_id, limit=MAX_NEW)
    count = await context.reads.row(unread_count, viewer_id=viewer_id)
    return newest, 0 if count is None else count.count
