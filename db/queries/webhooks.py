"""Queries for webhooks and their deliveries. Row-level security shows them to administrators."""

from datetime import datetime

from sqlalchemy import select

from db.core.keyset import Ordering
from db.core.pagination import NestedPagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, any_of, row_columns
from db.tables.webhooks import webhook_deliveries, webhooks
from domain.enums import EventKind
from domain.ids import WebhookDeliveryId, WebhookId
from domain.webhooks import MAX_WEBHOOKS, DeliveryState


class WebhookRow(Row):
    """A webhook, without its secret."""

    __slots__ = ()
    id: WebhookId
    url: str
    event_kinds: list[EventKind]
    failing_since: datetime | None
    disabled_at: datetime | None
    version: int
    created_at: datetime


class WebhookDeliveryRow(Row):
    """A message to a webhook."""

    __slots__ = ()
    id: WebhookDeliveryId
    webhook_id: WebhookId
    event_kind: EventKind
    payload: str
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime
    status: int | None
    error: str | None
    created_at: datetime


_webhooks = select(*row_columns(webhooks, WebhookRow))
all_webhooks = Query(_webhooks.order_by(webhooks.c.id).limit(MAX_WEBHOOKS), WebhookRow, rls_scoped=True)
webhooks_by_id = Query(_webhooks.where(any_of(webhooks.c.id, IDS)), WebhookRow, rls_scoped=True)

_deliveries = select(*row_columns(webhook_deliveries, WebhookDeliveryRow))
deliveries_by_id = Query(_deliveries.where(any_of(webhook_deliveries.c.id, IDS)), WebhookDeliveryRow, rls_scoped=True)
paged_deliveries = NestedPagedQuery(
    _deliveries,
    webhook_deliveries.c.webhook_id,
    Ordering("webhook.deliveries", (webhook_deliveries.c.id,), descending=True),
    WebhookDeliveryRow,
    rls_scoped=True,
)
