"""Domain events: an outbox that is written in the transaction of the event."""

from sqlalchemy import Column, Index, Table, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import UUID

from db.tables.base import Timestamp, enum_column, id_column, metadata
from domain.enums import EventKind

events = Table(
    "events",
    metadata,
    id_column(),
    enum_column("kind", EventKind),
    Column("entity_id", UUID, nullable=False),
    Column("at", Timestamp, nullable=False, server_default=text("now()")),
    Column("handled_at", Timestamp),
    # An event is published once per object.
    UniqueConstraint("kind", "entity_id"),
)
Index("ix_events_unhandled", events.c.at, events.c.id, postgresql_where=events.c.handled_at.is_(None))
