"""The mutations of notifications and preferences."""

import strawberry

from domain.enums import Role
from domain.notifications import MAX_MARKED
from resolvers.mutations import notifications as resolve_notifications
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.notifications import Notification
from schema.permissions import requires
from schema.user_errors import UserError

describe_input(
    resolve_notifications.MarkNotificationsReadInput,
    "Input of markNotificationsRead: ids, or upTo.",
    one_of=True,
    ids=f"1 to {MAX_MARKED} notifications.",
    up_to="The newest notification that the viewer saw; it and all older ones are marked.",
)
describe_input(
    resolve_notifications.NotificationPreferenceInput,
    "Whether the viewer is notified of a kind by a channel.",
    kind="What it is about.",
    channel="How it is sent.",
    enabled="Whether it is sent.",
)
describe_input(
    resolve_notifications.UpdateNotificationPreferencesInput,
    "Input of updateNotificationPreferences.",
    preferences=(
        f"1 to {resolve_notifications.MAX_PREFERENCES} preferences; others are unchanged. Of the same kind and "
        "channel, the last one counts."
    ),
)


@strawberry.type(description="Result of markNotificationsRead.")
class MarkNotificationsReadPayload(ViewerPayload):
    notifications: list[Notification] = strawberry.field(
        description=f"The notifications that were unread, newest first, at most {MAX_MARKED}.",
        directives=[list_sizes.at_most(MAX_MARKED)],
    )
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of updateNotificationPreferences.")
class UpdateNotificationPreferencesPayload(ViewerPayload):
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class NotificationMutations:
    mark_notifications_read = strawberry.mutation(
        resolver=resolve_notifications.mark_notifications_read,
        graphql_type=MarkNotificationsReadPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Marks notifications as read, on all devices of the viewer.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    update_notification_preferences = strawberry.mutation(
        resolver=resolve_notifications.update_notification_preferences,
        graphql_type=UpdateNotificationPreferencesPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Changes of which kinds the viewer is notified, and how. Past notifications stay.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
