"""Notifications and preferences for them. Row-level security: user-owned."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, Table, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import UUID

from db.tables.base import Timestamp, enum_column, id_column, metadata, one_of, reference
from domain.notifications import NotificationChannel, NotificationKind

notifications = Table(
    "notifications",
    metadata,
    id_column(),
    reference("user_id", "users.id"),
    enum_column("kind", NotificationKind),
    # Identifies what happened, such as the id of a job: a repeated attempt to notify of it has no effect.
    Column("cause", Text, nullable=False),
    # What it is about; without foreign keys, because a notification outlives it.
    Column("job_id", UUID),
    Column("textbook_id", UUID),
    Column("assignment_id", UUID),
    Column("streak_days", Integer, CheckConstraint("streak_days > 0", name="streak_days_positive")),
    # Whether it is listed. Others are sent by e-mail only.
    Column("in_app", Boolean, nullable=False),
    Column("read_at", Timestamp),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    UniqueConstraint("user_id", "kind", "cause"),
    Index(None, "created_at"),
)
Index("ix_notifications_listed", notifications.c.user_id, notifications.c.id, postgresql_where=notifications.c.in_app)
Index(
    "ix_notifications_unread",
    notifications.c.user_id,
    notifications.c.id,
    postgresql_where=notifications.c.in_app & notifications.c.read_at.is_(None),
)

# What users changed; `domain.notifications.DEFAULT_CHANNELS` applies to all else.
notification_preferences = Table(
    "notification_preferences",
    metadata,
    reference("user_id", "users.id", primary_key=True),
    Column("kind", Text, CheckConstraint(one_of("kind", NotificationKind), name="kind_known"), primary_key=True),
    Column(
        "channel", Text, CheckConstraint(one_of("channel", NotificationChannel), name="channel_known"), primary_key=True
    ),
    Column("is_enabled", Boolean, nullable=False),
    Column("updated_at", Timestamp, nullable=False, server_default=func.now()),
)
