"""The mutations of webhooks, for administrators."""

import strawberry

from domain.enums import EventKind, Role
from domain.webhooks import MAX_URL, MAX_WEBHOOKS
from resolvers.mutations import webhooks as resolve_webhooks
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError
from schema.webhooks import Webhook, WebhookDelivery

describe_input(
    resolve_webhooks.CreateWebhookInput,
    "Input of createWebhook.",
    url=f"An https URL of a public host; max {MAX_URL:,} characters.",
    event_kinds=f"1 to {len(EventKind)} events.",
)
describe_input(
    resolve_webhooks.SetWebhookEnabledInput,
    "Input of setWebhookEnabled.",
    id="The webhook.",
    enabled="Whether messages are sent. Those that are pending are sent when it is enabled again.",
    expected_version="The version on which the change is based; null for any.",
)
describe_input(
    resolve_webhooks.DeleteWebhookInput,
    "Input of deleteWebhook.",
    id="The webhook.",
    expected_version="The version on which the deletion is based; null for any.",
)
describe_input(resolve_webhooks.ReplayWebhookDeliveryInput, "Input of replayWebhookDelivery.", id="The delivery.")


@strawberry.type
class _WebhookPayload(ViewerPayload):
    webhook: Webhook | None = strawberry.field(description="The webhook, or the current one after a conflict.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of createWebhook.")
class CreateWebhookPayload(_WebhookPayload):
    secret: str | None = strawberry.field(description="The secret of the signatures, which is not shown again.")


@strawberry.type(description="Result of setWebhookEnabled.")
class SetWebhookEnabledPayload(_WebhookPayload):
    pass


@strawberry.type(description="Result of deleteWebhook.")
class DeleteWebhookPayload(ViewerPayload):
    deleted_id: strawberry.ID | None = strawberry.field(description="The id of the webhook.")
    webhook: Webhook | None = strawberry.field(description="The current webhook after a conflict.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of replayWebhookDelivery.")
class ReplayWebhookDeliveryPayload(ViewerPayload):
    delivery: WebhookDelivery | None = strawberry.field(description="The delivery, which is pending again.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class WebhookMutations:
    create_webhook = strawberry.mutation(
        resolver=resolve_webhooks.create_webhook,
        graphql_type=CreateWebhookPayload | None,
        extensions=[requires(Role.ADMIN)],
        description=f"Creates a webhook; there are at most {MAX_WEBHOOKS}.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    set_webhook_enabled = strawberry.mutation(
        resolver=resolve_webhooks.set_enabled,
        graphql_type=SetWebhookEnabledPayload | None,
        extensions=[requires(Role.ADMIN)],
        description=(
            "Enables or disables a webhook. Returns CONFLICT if `expectedVersion` is not the current version."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    delete_webhook = strawberry.mutation(
        resolver=resolve_webhooks.delete_webhook,
        graphql_type=DeleteWebhookPayload | None,
        extensions=[requires(Role.ADMIN)],
        description=(
            "Deletes a webhook permanently, with its messages. Returns CONFLICT if `expectedVersion` is not the "
            "current version."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    replay_webhook_delivery = strawberry.mutation(
        resolver=resolve_webhooks.replay_delivery,
        graphql_type=ReplayWebhookDeliveryPayload | None,
        extensions=[requires(Role.ADMIN)],
        description="Sends a message again, with the same id.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
