"""Notifications of the viewer and preferences for them."""

from datetime import datetime

import strawberry

from db.queries.notifications import NotificationRow
from domain.notifications import NotificationChannel, NotificationKind
from resolvers import notification_stream as notification_streams
from resolvers import notifications as resolve_notifications
from schema.assignments import Assignment
from schema.jobs import Job
from schema.nodes import Node, is_row
from schema.textbooks import Textbook


@strawberry.type(description="A notification. Clients choose its words by `kind`. Notifications are kept for 90 days.")
class Notification(Node):
    is_type_of = is_row(NotificationRow)

    kind: NotificationKind = strawberry.field(description="What it is about.")
    created_at: datetime = strawberry.field(description="When it was created.")
    read_at: datetime | None = strawberry.field(description="When it was marked as read; null if it is unread.")
    streak_days: int | None = strawberry.field(description="The length of the streak, of STREAK_AT_RISK.")
    job = strawberry.field(
        resolver=resolve_notifications.job,
        graphql_type=Job | None,
        description="The job that succeeded, of kinds that are about a job; null if it was deleted.",
    )
    textbook = strawberry.field(
        resolver=resolve_notifications.textbook,
        graphql_type=Textbook | None,
        description="The textbook, of TEXTBOOK_READY; null if it was deleted.",
    )
    assignment = strawberry.field(
        resolver=resolve_notifications.assignment,
        graphql_type=Assignment | None,
        description="The assignment, of ASSIGNMENT; null if it was deleted or the viewer left the group.",
    )


@strawberry.type(description="Whether the viewer is notified of a kind by a channel.")
class NotificationPreference:
    is_type_of = is_row(resolve_notifications.NotificationPreference)

    kind: NotificationKind = strawberry.field(description="What it is about.")
    channel: NotificationChannel = strawberry.field(description="How it is sent.")
    enabled: bool = strawberry.field(description="Whether it is sent.")


@strawberry.type(description="An event of `notificationReceived`.")
class NotificationEvent:
    is_type_of = is_row(notification_streams.NotificationEvent)

    notification: Notification | None = strawberry.field(
        description="A new notification; null in the first event, and if notifications were marked as read."
    )
    unread_count: int = strawberry.field(description="Number of unread notifications.")
