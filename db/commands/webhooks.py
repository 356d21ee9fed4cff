"""Statements that write webhooks. Their policies admit administrators."""

from sqlalchemy import ARRAY, Boolean, Text, bindparam, case, delete, func, insert, literal_column, null, select, update
from sqlalchemy.dialects.postgresql import UUID

from db.core.pagination import CountRow
from db.core.statement import Command, Row
from db.queries.expressions import NOW, row_columns
from db.queries.webhooks import WebhookDeliveryRow, WebhookRow
from db.tables.webhooks import webhook_deliveries, webhooks
from domain.webhooks import DeliveryState

_ID = bindparam("webhook_id", type_=UUID)
_COLUMNS = row_columns(webhooks, WebhookRow)

# Serializes creations.
lock_webhooks = Command(select(func.pg_advisory_xact_lock(func.hashtext("webhooks"))), Row)
count_webhooks = Command(select(func.count().label("count")).select_from(webhooks), CountRow)
# Parameters: webhook_id, url, event_kinds, secret, now.
insert_webhook = Command(
    insert(webhooks)
    .values(
        id=_ID,
        url=bindparam("url", type_=Text),
        event_kinds=bindparam("event_kinds", type_=ARRAY(Text)),
        secret=bindparam("secret", type_=Text),
        created_at=NOW,
    )
    .returning(*_COLUMNS),
    WebhookRow,
)
# Parameters: webhook_id, enabled, now.
set_enabled = Command(
    update(webhooks)
    .values(
        disabled_at=case(
            (bindparam("enabled", type_=Boolean), null()), else_=func.coalesce(webhooks.c.disabled_at, NOW)
        ),
        failing_since=null(),
        version=webhooks.c.version + literal_column("1"),
    )
    .where(webhooks.c.id == _ID)
    .returning(*_COLUMNS),
    WebhookRow,
)
# Parameter: webhook_id.
lock_webhook = Command(select(*_COLUMNS).where(webhooks.c.id == _ID).with_for_update(key_share=True), WebhookRow)
# Cascades to deliveries. Parameter: webhook_id.
delete_webhook = Command(delete(webhooks).where(webhooks.c.id == _ID).returning(*_COLUMNS), WebhookRow)
# Parameters: delivery_id, now.
replay_delivery = Command(
    update(webhook_deliveries)
    .values(state=DeliveryState.PENDING.value, attempts=0, next_attempt_at=NOW)
    .where(webhook_deliveries.c.id == bindparam("delivery_id", type_=UUID))
    .returning(*row_columns(webhook_deliveries, WebhookDeliveryRow)),
    WebhookDeliveryRow,
)
