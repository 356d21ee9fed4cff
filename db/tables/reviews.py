"""The review log with schedule changes, and daily totals. Row-level security: user-owned."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from db.tables.base import (
    Timestamp,
    changed_in,
    changed_index,
    enum_column,
    id_column,
    metadata,
    reference,
)
from domain.enums import ScheduleChangeKind, StreakFreezeReason

# Partitioned by month. Unique keys must contain the partition key, so review_keys enforces idempotency.
reviews = Table(
    "reviews",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("reviewed_at", Timestamp, primary_key=True),
    # That of the card, whose foreign key leads to the user: the check of another one took time for each new review.
    Column("user_id", UUID, nullable=False),
    reference("card_id", "cards.id"),
    Column("idempotency_key", Text, nullable=False),
    Column("quality", SmallInteger, CheckConstraint("quality between 0 and 5", name="quality_range"), nullable=False),
    Column("interval_days_before", Double, nullable=False),
    Column("interval_days_after", Double, nullable=False),
    Column("duration_ms", Integer, CheckConstraint("duration_ms >= 0", name="duration_ms_positive")),
    # The learner's day when the review was saved; a later change of the time zone does not move it.
    Column("day", Date, nullable=False),
    # The day chosen for the next review; null in learning steps.
    Column("due_day", Date),
    Column("undone", Boolean, nullable=False, server_default=false()),
    # Whether the answer moves the card's schedule; the fold ignores others.
    Column("rescheduled", Boolean, nullable=False, server_default=true()),
    Column("created_at", Timestamp, nullable=False, server_default=text("now()")),
    changed_in(),
    # The hour of the learner's time zone when the review was saved; null for older reviews.
    Column("hour", SmallInteger),
    # What FSRS predicted, in ten-thousandths; null with SM-2, for the first review of a card, and for further ones on
    # one day.
    Column("retrievability", SmallInteger),
    Index(None, "user_id", "reviewed_at", "id"),
    Index(None, "card_id", "reviewed_at", "idempotency_key"),
    postgresql_partition_by="RANGE (reviewed_at)",
)
changed_index(reviews)

# Log entries other than reviews. Those without a card apply to all cards of the learner.
schedule_changes = Table(
    "schedule_changes",
    metadata,
    id_column(),
    reference("user_id", "users.id"),
    Column("card_id", UUID, ForeignKey("cards.id", ondelete="CASCADE")),
    enum_column("kind", ScheduleChangeKind),
    Column("changed_at", Timestamp, nullable=False),
    Column("day", Date, nullable=False),
    Column("due_day", Date),
    Column("days", Integer, CheckConstraint("days between 0 and 366", name="days_range"), nullable=False),
    # The new settings, for SETTINGS.
    Column("details", JSONB),
    Column("idempotency_key", Text, nullable=False),
    Column("undone", Boolean, nullable=False, server_default=false()),
    Column("created_at", Timestamp, nullable=False, server_default=text("now()")),
    # The key of the mutation, which the entries of its cards have in common.
    Column("batch_key", Text),
    Index(None, "card_id"),
)
Index(
    "ix_schedule_changes_of_all_cards",
    schedule_changes.c.user_id,
    schedule_changes.c.changed_at,
    postgresql_where=schedule_changes.c.card_id.is_(None),
)
Index(
    "ix_schedule_changes_batches",
    schedule_changes.c.user_id,
    schedule_changes.c.batch_key,
    postgresql_where=schedule_changes.c.batch_key.is_not(None),
)
Index(
    "ix_schedule_changes_buried",
    schedule_changes.c.user_id,
    schedule_changes.c.due_day,
    postgresql_where=text("kind = 'BURY' AND NOT undone"),
)
UniqueConstraint(
    schedule_changes.c.user_id,
    schedule_changes.c.idempotency_key,
    name="uq_schedule_changes_user_id_idempotency_key",
)

review_keys = Table(
    "review_keys",
    metadata,
    reference("user_id", "users.id", primary_key=True),
    Column("idempotency_key", Text, primary_key=True),
    Column("review_id", UUID, nullable=False),
    Column("reviewed_at", Timestamp, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=text("now()")),
)

# One row per day with reviews (in the learner's time zone), updated in the transaction of the reviews; also for days
# that do not end a streak, although they have none.
review_days = Table(
    "review_days",
    metadata,
    reference("user_id", "users.id", primary_key=True),
    Column("day", Date, primary_key=True),
    Column("reviews", Integer, nullable=False),
    # How many of the reviews moved no schedule. They are not in `recalled`.
    Column("crammed", Integer, nullable=False, server_default=text("0")),
    Column("recalled", Integer, nullable=False),
    Column("new_cards", Integer, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("updated_at", Timestamp, nullable=False, server_default=text("now()")),
    enum_column("freeze_reason", StreakFreezeReason, nullable=True),
    Index(None, "day", "user_id"),
    Index(None, "user_id", "updated_at"),
)
