"""Counts of requests, and of the coordinates and documents that they use. Row-level security: administrators."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Index, Table, Text

from db.tables.base import Timestamp, metadata, one_of
from domain.usage import UsageKind

# The order of the key is for reports on one name.
usage_counts = Table(
    "usage_counts",
    metadata,
    Column("kind", Text, CheckConstraint(one_of("kind", UsageKind), name="kind_known"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("client", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("last_used_at", Timestamp, nullable=False),
    # Of expired rows.
    Index(None, "day"),
)
