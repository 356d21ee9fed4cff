"""Tables of trusted documents: the versions of apps and their documents."""

from sqlalchemy import Boolean, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Table, Text, text

from db.tables.base import Timestamp, enum_column, metadata
from domain.trusted_documents import VersionState

# A document never changes: several versions may have it.
trusted_documents = Table(
    "trusted_documents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("cost", Integer, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=text("now()")),
)

app_versions = Table(
    "app_versions",
    metadata,
    Column("app", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    enum_column("state", VersionState, default=VersionState.ACTIVE),
    # Whether agents call its documents as tools.
    Column("has_tools", Boolean, nullable=False, server_default=text("false")),
    Column("pushed_at", Timestamp, nullable=False, server_default=text("now()")),
    # When the state was set.
    Column("state_since", Timestamp, nullable=False, server_default=text("now()")),
)

app_version_documents = Table(
    "app_version_documents",
    metadata,
    Column("app", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("document_id", Text, ForeignKey("trusted_documents.id", ondelete="CASCADE"), primary_key=True),
    ForeignKeyConstraint(
        ["app", "version"],
        ["app_versions.app", "app_versions.version"],
        ondelete="CASCADE",
    ),
    Index(None, "document_id"),
)
