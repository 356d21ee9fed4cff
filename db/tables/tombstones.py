"""Deleted objects, which triggers record for clients that keep copies. Row-level security: user-owned, read only.

Tables of `ChangeType` have the trigger `record_deletions`; those with soft deletes have `record_soft_deletion` as well.
"""

from sqlalchemy import Column, Index, Table, func
from sqlalchemy.dialects.postgresql import UUID

from db.tables.base import Timestamp, TransactionId, enum_column, metadata, reference
from domain.enums import ChangeType

tombstones = Table(
    "tombstones",
    metadata,
    reference("user_id", "users.id", primary_key=True),
    Column("changed_in", TransactionId, primary_key=True, server_default=func.pg_current_xact_id()),
    Column("object_id", UUID, primary_key=True),
    enum_column("type", ChangeType),
    Column("deleted_at", Timestamp, nullable=False, server_default=func.now()),
    Index(None, "deleted_at"),
)
