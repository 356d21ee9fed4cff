"""Webhooks and their deliveries. Row-level security: administrators. The application cannot read secrets."""

from sqlalchemy import ARRAY, CheckConstraint, Column, Index, Integer, Table, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import UUID

from db.tables.base import Timestamp, enum_column, id_column, metadata, one_of, reference, version
from domain.enums import EventKind
from domain.webhooks import MAX_URL, DeliveryState

webhooks = Table(
    "webhooks",
    metadata,
    id_column(),
    Column("url", Text, CheckConstraint(f"length(url) <= {MAX_URL}", name="url_length"), nullable=False),
    Column("event_kinds", ARRAY(Text), nullable=False),
    Column("secret", Text, nullable=False),
    # Since when all deliveries have failed; null after one that did not.
    Column("failing_since", Timestamp),
    Column("disabled_at", Timestamp),
    version(),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    # The id of the message, which repetitions have as well.
    id_column(),
    reference("webhook_id", "webhooks.id"),
    Column("event_id", UUID, nullable=False),
    Column("event_kind", Text, CheckConstraint(one_of("event_kind", EventKind), name="kind_known"), nullable=False),
    Column("payload", Text, nullable=False),
    enum_column("state", DeliveryState, default=DeliveryState.PENDING),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", Timestamp, nullable=False, server_default=func.now()),
    # Of the last response, or why there was none.
    Column("status", Integer),
    Column("error", Text),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    UniqueConstraint("webhook_id", "event_id"),
    Index(None, "webhook_id", "id"),
    Index(None, "created_at"),
)
Index(
    "ix_webhook_deliveries_pending",
    webhook_deliveries.c.next_attempt_at,
    postgresql_where=webhook_deliveries.c.state == DeliveryState.PENDING.value,
)
