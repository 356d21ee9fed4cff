"""The mutations of webhooks, for administrators."""

from dataclasses import dataclass
from functools import partial

import strawberry

from common.text import truncate
from db.queries.webhooks import WebhookDeliveryRow, WebhookRow
from db.services import webhooks as webhook_service
from domain.enums import EventKind
from domain.ids import WebhookDeliveryId, WebhookId
from domain.rate_limits import WRITES
from domain.user_errors import UserErrorCode
from domain.validation import Validator, validated_id
from domain.webhooks import MAX_URL, is_usable_url
from resolvers.context import Info
from resolvers.mutations.payload_base import DeletedPayload, Payload, returns_user_errors
from resolvers.rate_limits import rate_limited


@dataclass(kw_only=True)
class CreateWebhookInput:
    url: str
    event_kinds: list[EventKind]


@dataclass(kw_only=True)
class SetWebhookEnabledInput:
    id: strawberry.ID
    enabled: bool
    expected_version: int | None = None


@dataclass(kw_only=True)
class DeleteWebhookInput:
    id: strawberry.ID
    expected_version: int | None = None


@dataclass(kw_only=True)
class ReplayWebhookDeliveryInput:
    id: strawberry.ID


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookPayload(Payload):
    """`secret`: of a new webhook."""

    webhook: WebhookRow | None = None
    secret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedWebhookPayload(DeletedPayload):
    """`webhook`: after a conflict."""

    webhook: WebhookRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPayload(Payload):
    """The delivery, which is pending again."""

    delivery: WebhookDeliveryRow | None = None


@returns_user_errors(WebhookPayload)
@rate_limited(WRITES)
async def create_webhook(info: Info, input: CreateWebhookInput) -> WebhookPayload:
    validator = Validator()
    url = validator.line(input.url, MAX_URL, "url")
    if not validator.errors and not is_usable_url(url, info.context.services.allow_private_webhooks):
        message = f"url: {truncate(url)!r} is not an https URL of a public host, without user and password."
        validator.add_error(UserErrorCode.INVALID, message, "url")
    validator.size(input.event_kinds, len(EventKind), "eventKinds")
    validator.raise_if_invalid()
    kinds = list(dict.fromkeys(input.event_kinds))
    create = partial(webhook_service.create_webhook, url=url, event_kinds=kinds)
    webhook, secret = await info.context.run_transaction(create)
    return WebhookPayload(webhook=webhook, secret=secret)


@returns_user_errors(WebhookPayload, current="webhook")
@rate_limited(WRITES)
async def set_enabled(info: Info, input: SetWebhookEnabledInput) -> WebhookPayload:
    id = validated_id(WebhookId, input.id, "id")
    set_enabled = partial(
        webhook_service.set_enabled, id=id, enabled=input.enabled, expected_version=input.expected_version
    )
    return WebhookPayload(webhook=await info.context.run_transaction(set_enabled))


@returns_user_errors(DeletedWebhookPayload, current="webhook")
@rate_limited(WRITES)
async def delete_webhook(info: Info, input: DeleteWebhookInput) -> DeletedWebhookPayload:
    id = validated_id(WebhookId, input.id, "id")
    delete = partial(webhook_service.delete_webhook, id=id, expected_version=input.expected_version)
    await info.context.run_transaction(delete)
    return DeletedWebhookPayload(deleted_id=input.id)


@returns_user_errors(DeliveryPayload)
@rate_limited(WRITES)
async def replay_delivery(info: Info, input: ReplayWebhookDeliveryInput) -> DeliveryPayload:
    id = validated_id(WebhookDeliveryId, input.id, "id")
    return DeliveryPayload(delivery=await info.context.run_transaction(partial(webhook_service.replay_delivery, id=id)))
