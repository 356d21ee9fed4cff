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
from domain.user_errors import UserErrorCode
from domain.validation import Validator
from resolvers.context import Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited

MAX_PREFERENCES = len(NotificationKind) * len(NotificationChannel)


@dataclass(kw_only=True)
class MarkNotificationsReadInput:
    ids: list[strawberry.ID] | None = None
    up_to: strawberry.ID | None = None


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
    if (input.ids is None) is (input.up_to is None):
        validator.add_error(UserErrorCode.INVALID, "Pass either ids or upTo.", "ids")
    elif input.ids is not None:
        validator.size(input.ids, MAX_MARKED, "ids")
        ids = validator.parse_ids(NotificationId, input.ids[:MAX_MARKED], "ids")
    elif input.up_to is not None:
        up_to = validator.parse_id(NotificationId, input.up_to, "upTo")
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
