"""Tables for administrators: audit log, loaded content."""

from sqlalchemy import Column, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from db.tables.base import Timestamp, metadata, reference

# Partitioned by month.
audit_log = Table(
    "audit_log",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("at", Timestamp, primary_key=True),
    reference("actor_id", "users.id", nullable=True),
    Column("action", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("entity_id", UUID, nullable=False),
    Column("changes", JSONB, nullable=False),
    Column("request_id", Text),
    Index(None, "at", "id"),
    Index(None, "actor_id", "at", "id"),
    Index(None, "entity_id", "at", "id"),
    postgresql_partition_by="RANGE (at)",
)

# Loaded parts of the content and the fingerprints of their sources. Not accessible to the application role.
content_versions = Table(
    "content_versions",
    metadata,
    Column("name", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("loaded_at", Timestamp, nullable=False, server_default=text("now()")),
)

# Parts of the content that are loaded in batches. A load that was interrupted continues after `position`.
content_progress = Table(
    "content_progress",
    metadata,
    Column("name", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("loaded", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("updated_at", Timestamp, nullable=False, server_default=text("now()")),
)

# All books and textbooks that were ever loaded. One that is missing in its table was purged after an editor deleted it,
# and is not loaded again.
content_items = Table("content_items", metadata, Column("id", UUID, primary_key=True))
