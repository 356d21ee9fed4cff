"""Imports of learners, the keys of what was imported, and reports. Row-level security: user-owned."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from db.tables.base import Timestamp, enum_column, id_column, metadata, reference, timestamps
from domain.enums import ImportSourceKind, ImportStatus
from domain.uploads import MAX_FILE_NAME_LENGTH

imports = Table(
    "imports",
    metadata,
    id_column(),
    reference("user_id", "users.id"),
    enum_column("source", ImportSourceKind),
    Column(
        "file_name",
        Text,
        CheckConstraint(f"length(file_name) between 1 and {MAX_FILE_NAME_LENGTH}", name="file_name_length"),
        nullable=False,
    ),
    reference("upload_id", "uploads.id", nullable=True),
    # The newest one. FAILED is the status of an import whose job failed, and is not stored.
    reference("job_id", "jobs.id", nullable=True),
    enum_column("status", ImportStatus),
    Column("analysis", JSONB),
    Column("mapping", JSONB),
    # How many notes of the source are imported, and the numbers by outcome.
    Column("position", Integer, nullable=False, server_default=text("0")),
    Column("counts", JSONB, nullable=False, server_default=text("'{}'")),
    *timestamps(),
    Column("finished_at", Timestamp),
    Index(None, "user_id", "id"),
    Index(None, "job_id"),
    Index(None, "upload_id"),
    Index(None, "created_at"),
)

# The cards of imported notes, by which a second import finds them. Reviews are found by `review_keys`.
import_keys = Table(
    "import_keys",
    metadata,
    reference("user_id", "users.id", primary_key=True),
    Column("source", Text, primary_key=True),
    Column("note_key", Text, primary_key=True),
    # Of the template of the card, or the index of its kind.
    Column("ordinal", SmallInteger, primary_key=True),
    reference("card_id", "cards.id"),
    Index(None, "card_id"),
)

# Words that several entries of the dictionary have, until the file expires.
import_words = Table(
    "import_words",
    metadata,
    reference("import_id", "imports.id", primary_key=True),
    Column("form", Text, primary_key=True),
    # '' for a word without one.
    Column("reading", Text, primary_key=True),
    reference("user_id", "users.id"),
    # By the number of notes, from 1; of words that only the learner chose, the largest number.
    Column("number", Integer, nullable=False),
    Column("note_count", Integer, nullable=False),
    # Ids of entries, which a release of the dictionary may remove.
    Column("candidates", JSONB, nullable=False),
    Column("is_chosen", Boolean, nullable=False, server_default=false()),
    Column("chosen_id", UUID),
    # Of fixed length, for cursors.
    Column("key", UUID, Computed("md5(form || E'\\n' || reading)::uuid", persisted=True), nullable=False),
    Index(None, "user_id", "import_id", "number", "key"),
)

# The result of each line: compressed CSV, one row for each batch.
import_reports = Table(
    "import_reports",
    metadata,
    reference("import_id", "imports.id", primary_key=True),
    # The position after the batch.
    Column("position", Integer, primary_key=True),
    reference("user_id", "users.id"),
    Column("content", LargeBinary, nullable=False),
    Index(None, "user_id"),
)
