"""The mutations of notifications and preferences."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import strawberry

from db.queries.notifications import NotificationRow
from db.services import notifications as notification_service
from domain.ids import NotificationId
from domain.notifications import MAX_MARKED, NotificationChannel, NotificationKind
from domain.rate_limits import WRITES
from domain.validation import Validator
from resolvers.context import Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited

MAX_PREFERENCES = len(NotificationKind) * len(NotificationChannel)


@dataclass(kw_only=True)
class MarkNotificationsReadInput:
    ids: list[strawberry.ID] | None = strawberry.UNSET
    up_to: strawberry.ID | None = strawberry.UNSET


@dataclass(kw_only=True)
class NotificationPreferenceInput:
    kind: NotificationKind
    channel: NotificationChannel
    enabled: bool


@dataclass(kw_only=True)
class UpdateNotificationPreferencesInput:
    preferences: list[NotificationPreferenceInput]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkNotificationsReadPayload(Payload):
    """The marked notifications, newest first."""

    notifications: Sequence[NotificationRow] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateNotificationPreferencesPayload(Payload):
    """The viewer has the preferences."""


@returns_user_errors(MarkNotificationsReadPayload)
@rate_limited(WRITES)
async def mark_notifications_read(info: Info, input: MarkNotificationsReadInput) -> MarkNotificationsReadPayload:
    validator, ids, up_to = Validator(), list[NotificationId](), None
    # Either is given, by @oneOf.
    if isinstance(input.ids, list):
        validator.size(input.ids, MAX_MARKED, "ids")
        ids = validator.parse_ids(NotificationId, input.ids[:MAX_MARKED], "ids")
    else:
        up_to = validator.parse_id(NotificationId, input.up_to or "", "upTo")
    validator.raise_if_invalid()
    mark = partial(notification_service.mark_read, ids=ids, up_to=up_to)
    return MarkNotificationsReadPayload(notifications=await info.context.run_transaction(mark))


@returns_user_errors(UpdateNotificationPreferencesPayload)
@rate_limited(WRITES)
async def update_notification_preferences(
    info: Info, input: UpdateNotificationPreferencesInput
) -> UpdateNotificationPreferencesPayload:
    """Of a pair of kind and channel that is given twice, the last one counts."""
    validator = Validator()
    validator.size(input.preferences, MAX_PREFERENCES, "preferences")
    validator.raise_if_invalid()
    chosen = {(each.kind, each.channel): each.enabled for each in input.preferences}
    await info.context.run_transaction(partial(notification_service.save_preferences, preferences=chosen))
    return UpdateNotificationPreferencesPayload()
