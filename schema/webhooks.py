"""Webhooks of operators and their deliveries."""

import datetime

import strawberry

from db.queries.webhooks import WebhookDeliveryRow, WebhookRow
from domain.enums import EventKind
from domain.webhooks import DeliveryState
from resolvers import webhooks as resolve_webhooks
from schema import list_sizes
from schema.connections import Connection
from schema.directives import NULL_ON_ERROR, Cost
from schema.nodes import Node, is_row


@strawberry.type(description="A message to a webhook; messages are stored for 30 days.")
class WebhookDelivery(Node):
    is_type_of = is_row(WebhookDeliveryRow)

    event_kind: EventKind = strawberry.field(description="The event.")
    payload: str = strawberry.field(description="The message, as JSON.", directives=[Cost(weight="3")])
    state: DeliveryState = strawberry.field(description="The state.")
    attempts: int = strawberry.field(description="Number of attempts.")
    next_attempt_at: datetime.datetime = strawberry.field(description="When it is sent next, if it is pending.")
    status: int | None = strawberry.field(description="The status of the last response; null if there was none.")
    error: str | None = strawberry.field(
        description="Why the last attempt failed; null if it did not.", directives=[Cost(weight="3")]
    )
    created_at: datetime.datetime = strawberry.field(description="When the event was handled.")


@strawberry.type(description="A URL that is notified of events, with signatures as in Standard Webhooks.")
class Webhook(Node):
    is_type_of = is_row(WebhookRow)

    url: str = strawberry.field(description="The URL.", directives=[Cost(weight="20")])
    event_kinds: list[EventKind] = strawberry.field(
        description="The events.", directives=[list_sizes.at_most(len(EventKind))]
    )
    failing_since: datetime.datetime | None = strawberry.field(
        description="Since when all attempts have failed; null if the last one did not."
    )
    disabled_at: datetime.datetime | None = strawberry.field(
        description="When it was disabled, by an administrator or after failing for five days; null if it is enabled."
    )
    version: int = strawberry.field(
        description="Version for optimistic locking; incremented by every change. Pass it as `expectedVersion`."
    )
    created_at: datetime.datetime = strawberry.field(description="When it was created.")
    deliveries = strawberry.field(
        resolver=resolve_webhooks.deliveries,
        graphql_type=Connection[WebhookDelivery] | None,
        description="Messages, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
