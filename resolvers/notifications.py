"""Resolvers of the viewer's notifications."""

from dataclasses import dataclass

import strawberry

from db.core.pagination import Page
from db.queries.notifications import (
    NotificationFilter,
    NotificationRow,
    own_preferences,
    paged_notifications,
    unread_count,
)
from domain.notifications import DEFAULT_CHANNELS, NotificationChannel, NotificationKind
from domain.pages import page_arguments
from domain.viewer import Viewer
from resolvers.context import Info
from resolvers.loader_field import load_by_key


@dataclass(frozen=True, slots=True)
class NotificationPreference:
    """Whether the viewer is notified of a kind by a channel."""

    kind: NotificationKind
    channel: NotificationChannel
    enabled: bool


async def notifications(
    parent: strawberry.Parent[Viewer],
    info: Info,
    first: int | None = None,
    after: str | None = None,
    filter: NotificationFilter | None = None,
) -> Page[NotificationRow]:
    filter = filter or NotificationFilter()
    return await info.context.reads.page(
        paged_notifications(filter), page_arguments(first, after), **filter.parameters(), viewer_id=parent.id
    )


async def unread_notification_count(parent: strawberry.Parent[Viewer], info: Info) -> int:
    count = await info.context.reads.row(unread_count, viewer_id=parent.id)
    return 0 if count is None else count.count


async def preferences(parent: strawberry.Parent[Viewer], info: Info) -> list[NotificationPreference]:
    """Of all kinds and channels."""
    rows = await info.context.reads.rows(own_preferences, viewer_id=parent.id)
    chosen = {(row.kind, row.channel): row.is_enabled for row in rows}
    return [
        NotificationPreference(kind, channel, chosen.get((kind, channel), channel in DEFAULT_CHANNELS[kind]))
        for kind in NotificationKind
        for channel in NotificationChannel
    ]


# Null if they were deleted.
job = load_by_key(lambda loaders: loaders.jobs.job_by_id, key="job_id")
textbook = load_by_key(lambda loaders: loaders.textbooks.textbook_by_id, key="textbook_id")
assignment = load_by_key(lambda loaders: loaders.assignments.assignment_by_id, key="assignment_id")
