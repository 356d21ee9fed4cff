"""Groups, their members and invitations. Row-level security: visible to members, written by teachers."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)

from db.tables.base import Timestamp, enum_column, id_column, metadata, reference, timestamps, version
from domain.groups import MAX_DESCRIPTION, MAX_NAME, GroupRole

groups = Table(
    "groups",
    metadata,
    id_column(),
    Column("name", Text, CheckConstraint(f"length(name) between 1 and {MAX_NAME}", name="name_length"), nullable=False),
    Column(
        "description",
        Text,
        CheckConstraint(f"length(description) <= {MAX_DESCRIPTION}", name="description_length"),
        nullable=False,
    ),
    version(),
    *timestamps(),
)

group_members = Table(
    "group_members",
    metadata,
    id_column(),
    reference("group_id", "groups.id"),
    reference("user_id", "users.id"),
    enum_column("role", GroupRole),
    # The consent of a learner, and when it was last given or withdrawn.
    Column("shares_progress", Boolean, nullable=False, server_default=false()),
    Column("consent_changed_at", Timestamp),
    Column("joined_at", Timestamp, nullable=False, server_default=func.now()),
    UniqueConstraint("group_id", "user_id"),
    Index(None, "user_id", "group_id"),
)

group_invitations = Table(
    "group_invitations",
    metadata,
    id_column(),
    reference("group_id", "groups.id"),
    enum_column("role", GroupRole),
    Column("code_hash", Text, nullable=False, unique=True),
    Column("max_uses", Integer, nullable=False),
    Column("uses", Integer, nullable=False, server_default=text("0")),
    Column("expires_at", Timestamp, nullable=False),
    Column("revoked_at", Timestamp),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint("uses between 0 and max_uses", name="uses_range"),
    Index(None, "group_id", "id"),
)
