"""Cards, their contexts, the review log and daily totals. Row-level security: user-owned."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from db.tables.base import Timestamp, enum_column, id_column, metadata, reference, timestamps, version
from domain.card_context import MAX_CONTEXT_LENGTH
from domain.enums import CardState

cards = Table(
    "cards",
    metadata,
    id_column(),
    reference("user_id", "users.id"),
    reference("vocabulary_id", "vocabulary.id"),
    enum_column("state", CardState),
    Column("due_at", Timestamp, nullable=False),
    Column(
        "interval_days", Double, CheckConstraint("interval_days >= 0", name="interval_days_positive"), nullable=False
    ),
    Column("ease_factor", Double, CheckConstraint("ease_factor >= 1.3", name="ease_factor_minimum"), nullable=False),
    Column("stability", Double),
    Column("difficulty", Double),
    Column("learning_step", SmallInteger),
    Column("repetitions", Integer, nullable=False),
    Column("lapses", Integer, nullable=False),
    Column("suspended", Boolean, nullable=False, server_default=false()),
    Column("last_reviewed_at", Timestamp),
    version(),
    *timestamps(),
    Index(None, "vocabulary_id"),
)
Index("uq_cards_user_id_vocabulary_id", cards.c.user_id, cards.c.vocabulary_id, unique=True)
Index("ix_cards_due", cards.c.user_id, cards.c.due_at, cards.c.id, postgresql_where=~cards.c.suspended)
Index(None, cards.c.user_id, cards.c.id)

# The sentence in which the learner met the word, and the book and page if it is from one. Apart from the card, whose
# row is written again by each review.
card_contexts = Table(
    "card_contexts",
    metadata,
    reference("card_id", "cards.id", primary_key=True),
    reference("user_id", "users.id"),
    Column(
        "text",
        Text,
        CheckConstraint(f"length(text) between 1 and {MAX_CONTEXT_LENGTH}", name="text_length"),
        nullable=False,
    ),
    reference("book_id", "books.id", nullable=True),
    Column("page", Integer, CheckConstraint("page > 0", name="page_positive")),
    Index(None, "user_id"),
    Index(None, "book_id"),
)

# Partitioned by month. Unique keys must contain the partition key, so review_keys enforces idempotency.
reviews = Table(
    "reviews",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("reviewed_at", Timestamp, primary_key=True),
    reference("user_id", "users.id"),
    reference("card_id", "cards.id"),
    Column("idempotency_key", Text, nullable=False),
    Column("quality", SmallInteger, CheckConstraint("quality between 0 and 5", name="quality_range"), nullable=False),
    Column("interval_days_before", Double, nullable=False),
    Column("interval_days_after", Double, nullable=False),
    Column("duration_ms", Integer, CheckConstraint("duration_ms >= 0", name="duration_ms_positive")),
    Column("undone", Boolean, nullable=False, server_default=false()),
    Column("created_at", Timestamp, nullable=False, server_default=text("now()")),
    Index(None, "user_id", "reviewed_at", "id"),
    Index(None, "card_id", "reviewed_at", "idempotency_key"),
    postgresql_partition_by="RANGE (reviewed_at)",
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

# One row per day with reviews (in the learner's time zone), updated in the transaction of the reviews.
review_days = Table(
    "review_days",
    metadata,
    reference("user_id", "users.id", primary_key=True),
    Column("day", Date, primary_key=True),
    Column("reviews", Integer, nullable=False),
    Column("recalled", Integer, nullable=False),
    Column("new_cards", Integer, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("updated_at", Timestamp, nullable=False, server_default=text("now()")),
    Index(None, "day", "user_id"),
    Index(None, "user_id", "updated_at"),
)
