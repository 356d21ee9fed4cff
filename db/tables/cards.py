"""Cards, their contexts and tags. Row-level security: user-owned."""

from sqlalchemy import (
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
    and_,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

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
from domain.enums import CardKind, CardState

cards = Table(
    "cards",
    metadata,
    id_column(),
    reference("user_id", "users.id"),
    # Of a word, of a kanji, or of a word of the learner's own.
    Column("vocabulary_id", UUID, ForeignKey("vocabulary.id", ondelete="CASCADE")),
    Column("kanji_id", UUID, ForeignKey("kanji.id", ondelete="CASCADE")),
    Column("custom_vocabulary_id", UUID, ForeignKey("custom_vocabulary.id", ondelete="CASCADE")),
    CheckConstraint("num_nonnulls(vocabulary_id, kanji_id, custom_vocabulary_id) = 1", name="one_subject"),
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
# For the list of a learner's deleted cards.
Index(None, cards.c.user_id, cards.c.deleted_at, cards.c.id, postgresql_where=cards.c.deleted_at.is_not(None))
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
Index(
    "uq_cards_user_id_custom_vocabulary_id_kind",
    cards.c.user_id,
    cards.c.custom_vocabulary_id,
    cards.c.kind,
    unique=True,
    postgresql_where=cards.c.custom_vocabulary_id.is_not(None),
)
Index(
    "ix_cards_custom_vocabulary_id",
    cards.c.custom_vocabulary_id,
    postgresql_where=cards.c.custom_vocabulary_id.is_not(None),
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
    # So that siblings and the order of new cards are found without reading the rows of whole queues.
    postgresql_include=["vocabulary_id", "kanji_id", "custom_vocabulary_id", "popularity"],
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
# For the hardest cards of the statistics.
Index(
    "ix_cards_lapsed",
    cards.c.user_id,
    cards.c.lapses.desc(),
    cards.c.id,
    postgresql_where=text("lapses > 0 AND deleted_at IS NULL"),
)

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
