"""Slow operations and errors of all processes. Row-level security: administrators."""

from sqlalchemy import BigInteger, Column, Double, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.base import Timestamp, id_column, metadata
from domain.diagnostics import PHASES

slow_operations = Table(
    "slow_operations",
    metadata,
    id_column(),
    Column("at", Timestamp, nullable=False),
    Column("kind", Text, nullable=False),
    Column("operation", Text),
    Column("document_hash", Text),
    Column("client", Text, nullable=False),
    Column("duration_ms", Double, nullable=False),
    *(Column(f"{phase}_ms", Double, nullable=False) for phase in PHASES),
    Column("statements", JSONB, nullable=False),
    Column("request_id", Text),
    Column("trace_id", Text, nullable=False),
    Index(None, "at", "id"),
)

error_groups = Table(
    "error_groups",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("exception", Text),
    Column("location", Text),
    Column("operation", Text),
    Column("count", BigInteger, nullable=False),
    Column("first_seen_at", Timestamp, nullable=False),
    Column("last_seen_at", Timestamp, nullable=False),
    Column("request_id", Text),
    Index(None, "last_seen_at", "fingerprint"),
)
