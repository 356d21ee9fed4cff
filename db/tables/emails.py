"""E-mails of notifications: an outbox from which workers send. Row-level security: user-owned."""

from sqlalchemy import Column, Index, Integer, Table, Text, func, text

from db.tables.base import Timestamp, enum_column, metadata, reference
from domain.emails import EmailState

emails = Table(
    "emails",
    metadata,
    # Also of the message: every attempt sends the same Message-ID.
    reference("notification_id", "notifications.id", primary_key=True),
    reference("user_id", "users.id"),
    enum_column("state", EmailState, default=EmailState.PENDING),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", Timestamp, nullable=False),
    # The last reply of the mail server, or why the e-mail was not sent.
    Column("error", Text),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("updated_at", Timestamp, nullable=False, server_default=func.now()),
    Index(None, "user_id"),
)
Index(
    "ix_emails_open",
    emails.c.state,
    emails.c.next_attempt_at,
    postgresql_where=emails.c.state.in_((EmailState.PENDING.value, EmailState.SENDING.value)),
)
