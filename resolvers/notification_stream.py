"""The subscription to the viewer's notifications. It holds no connection while it waits."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from db.queries.notifications import NotificationRow, newest_notifications
from domain.errors import ServiceUnavailable
from domain.ids import NotificationId
from domain.notifications import MAX_NEW
from engine.request.operations import SourceEvent
from resolvers.context import Info
from resolvers.subscription_outages import wait_for_recovery


@dataclass(frozen=True, slots=True)
class NotificationEvent:
    """`notification`: a new one; None if only the number of unread ones may have changed."""

    notification: NotificationRow | None
    unread_count: int


async def notification_received(info: Info) -> AsyncGenerator[SourceEvent, None]:
    """The number of unread notifications, then each new notification, oldest first, and each other number.

    At most `MAX_NEW` new ones are sent together, the newest. One statement for each event of the table.
    """
    context = info.context
    viewer_id = context.require_viewer().id
    seen: set[NotificationId] | None = None
    with context.services.changes.subscribe("notifications", viewer_id) as changed:
        while True:
            changed.clear()
            try:
                newest = await context.reads.rows(newest_notifications, viewer_id=viewer_id, limit=MAX_NEW)
            except ServiceUnavailable as error:
                if seen is None:
                    raise
                await wait_for_recovery("notifications unavailable", error)
                continue
            # Without a notification, none is unread.
            unread = newest[0].unread_count if newest else 0
            # Ids are compared instead of times, because transactions are not committed in the order of their ids.
            new = [] if seen is None else [row for row in reversed(newest) if row.id not in seen]
            for row in new:
                yield SourceEvent(NotificationEvent(row, unread))
            if not new:
                yield SourceEvent(NotificationEvent(None, unread), only_if_changed=True)
            seen = {row.id for row in newest}
            await changed.wait()
