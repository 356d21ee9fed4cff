"""Files that learners upload. Row-level security: user-owned."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Table, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY

from db.tables.base import Timestamp, at_most, id_column, metadata, reference
from domain.uploads import MAX_FILE_NAME_LENGTH, MAX_PARTS

uploads = Table(
    "uploads",
    metadata,
    id_column(),
    reference("user_id", "users.id"),
    Column(
        "file_name",
        Text,
        CheckConstraint(f"length(file_name) between 1 and {MAX_FILE_NAME_LENGTH}", name="file_name_length"),
        nullable=False,
    ),
    # In bytes, as declared when the upload was created.
    Column("size", BigInteger, CheckConstraint("size > 0", name="size_positive"), nullable=False),
    Column(
        "received",
        BigInteger,
        CheckConstraint("received between 0 and size", name="received_range"),
        nullable=False,
        server_default=text("0"),
    ),
    # Keys in the storage; the contents of all parts in their order are the file.
    Column("parts", ARRAY(Text), at_most("parts", MAX_PARTS), nullable=False, server_default=text("'{}'")),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("expires_at", Timestamp, nullable=False),
    Index(None, "user_id", "expires_at"),
    Index(None, "expires_at"),
)
