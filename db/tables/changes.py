"""The outbox of changes of personal rows, and acknowledgements of processes. Unlogged; clients have no rights on them.

Functions of the database write both (db/migrations/versions/0077_change_outbox.sql).
"""

from sqlalchemy import ARRAY, Column, Index, Integer, Table, Text, func
from sqlalchemy.dialects.postgresql import UUID

from db.tables.base import Timestamp, TransactionId, metadata

change_outbox = Table(
    "change_outbox",
    metadata,
    Column("written_in", TransactionId, nullable=False, server_default=func.pg_current_xact_id()),
    Column("table_name", Text, nullable=False),
    Column("user_ids", ARRAY(UUID)),
    Column("job_ids", ARRAY(UUID)),
    Index(None, "written_in"),
    prefixes=["UNLOGGED"],
)

change_acknowledgements = Table(
    "change_acknowledgements",
    metadata,
    Column("request", Text, primary_key=True),
    Column("missing", ARRAY(Integer), nullable=False),
    Column("requested_at", Timestamp, nullable=False, server_default=func.now()),
    prefixes=["UNLOGGED"],
)
