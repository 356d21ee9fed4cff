"""Cards, their contexts and tags, the review log and daily totals. Row-level security: user-owned."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    and_,
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
    soft_delete,
    timestamps,
    version,
)
from domain.card_context import MAX_CONTEXT_LENGTH
from domain.card_tags import MAX_FLAG, MAX_TAG_LENGTH
from domain.enums import CardKind, CardState, ScheduleChangeKind, StreakFreezeReason

cards = Table(
    "cards",
    metadata,
    id_column(),
    reference("user_id", "users.id"),
    # Of a word or of a kanji.
    Column("vocabulary_id", UUID, ForeignKey("vocabulary.id", ondelete="CASCADE")),
    Column("kanji_id", UUID, ForeignKey("kanji.id", ondelete="CASCADE")),
    CheckConstraint("num_nonnulls(vocabulary_id, kanji_id) = 1", name="one_subject"),
    enum_column("kind", CardKind, default=CardKind.RECOGNITION),
    enum_column("state", CardState),
    Column("due_at", Timestamp, nullable=False),
    # `due_at` is the start of this day of the learner; null while the card is new or in learning steps.
    Column("due_day", Date),
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
    # See `StudyQueue`.
    Column(
        "queue",
        Text,
        Computed(
            "CASE WHEN state = 'NEW' THEN 'NEW' WHEN state <> 'REVIEW' AND due_day IS NULL THEN 'LEARNING'"
            " ELSE 'REVIEW' END",
            persisted=True,
        ),
        nullable=False,
    ),
    # Of the word or kanji. Triggers copy it: the order of 20,000 new cards by their words took 200 ms.
    Column("popularity", SmallInteger, nullable=False, server_default=text("0")),
    Column("first_reviewed_at", Timestamp),
    Column("last_reviewed_at", Timestamp),
    Column("last_reviewed_day", Date),
    # The time of the newest log entry, which is a review or a schedule change.
    Column("last_entry_at", Timestamp),
    version(),
    *timestamps(),
    changed_in(),
    # A color that the learner chose; 0 for none.
    Column(
        "flag",
        SmallInteger,
        CheckConstraint(f"flag between 0 and {MAX_FLAG}", name="flag_range"),
        nullable=False,
        server_default=text("0"),
    ),
    soft_delete(),
    # Whether its lapses suspended the card, and how many marks were there when the learner resumed it: `LeechRule`.
    Column("suspended_as_leech", Boolean, nullable=False, server_default=false()),
    Column("dismissed_leech_marks", Integer, nullable=False, server_default=text("0")),
    Index(None, "vocabulary_id"),
)
changed_index(cards)
# For the purge.
Index(None, cards.c.deleted_at, postgresql_where=cards.c.deleted_at.is_not(None))
_studied = and_(~cards.c.suspended, cards.c.deleted_at.is_(None))
Index("uq_cards_user_id_vocabulary_id_kind", cards.c.user_id, cards.c.vocabulary_id, cards.c.kind, unique=True)
Index(
    "uq_cards_user_id_kanji_id_kind",
    cards.c.user_id,
    cards.c.kanji_id,
    cards.c.kind,
    unique=True,
    postgresql_where=cards.c.kanji_id.is_not(None),
)
Index("ix_cards_kanji_id", cards.c.kanji_id, postgresql_where=cards.c.kanji_id.is_not(None))
# One of two siblings is of these kinds. Most learners have none.
Index("ix_cards_siblings", cards.c.user_id, postgresql_where=cards.c.kind != text("'RECOGNITION'"))
Index("ix_cards_due", cards.c.user_id, cards.c.due_at, cards.c.id, postgresql_where=_studied)
Index(
    "ix_cards_study",
    cards.c.user_id,
    cards.c.queue,
    cards.c.due_at,
    cards.c.id,
    postgresql_where=_studied,
)
Index(
    "ix_cards_new",
    cards.c.user_id,
    cards.c.popularity.desc(),
    cards.c.id,
    postgresql_where=text("queue = 'NEW' AND NOT suspended AND deleted_at IS NULL"),
)
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

# Apart from the card, as its context. A tag exists as long as a card has it.
card_tags = Table(
    "card_tags",
    metadata,
    reference("card_id", "cards.id", primary_key=True),
    Column(
        "tag",
        Text,
        CheckConstraint(f"length(tag) between 1 and {MAX_TAG_LENGTH}", name="tag_length"),
        primary_key=True,
    ),
    reference("user_id", "users.id"),
    Index("ix_card_tags_user_id_tag_card_id", "user_id", "tag", "card_id"),
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
