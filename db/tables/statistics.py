"""Totals of a learner's reviews and cards, computed from these. Row-level security: learners read their own.

See docs/decisions/0022-statistics-from-daily-totals.md. The worker writes these tables, as their owner.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Index, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from db.tables.base import Timestamp, TransactionId, metadata, reference

# Days whose reviews are in `review_statistics`. A day is out of date if its row in `review_days` was updated since,
# which every change of the log does in its transaction.
statistics_days = Table(
    "statistics_days",
    metadata,
    reference("user_id", "users.id", primary_key=True),
    Column("day", Date, primary_key=True),
    # `review_days.updated_at` when the reviews were counted.
    Column("counted_at", Timestamp, nullable=False),
    Index(None, "user_id", "counted_at"),
)

# Of a day or of a month, by level and kind of cards. The arrays have one item per cell with reviews; see
# domain/statistics.py.
review_statistics = Table(
    "review_statistics",
    metadata,
    reference("user_id", "users.id", primary_key=True),
    Column(
        "unit", Text, CheckConstraint("unit in ('DAY', 'MONTH')", name="unit_known"), primary_key=True, nullable=False
    ),
    Column("starts_on", Date, primary_key=True),
    # Empty for words and kanji that are in no JLPT list.
    Column("jlpt_level", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("reviews", Integer, nullable=False),
    Column("recalled", Integer, nullable=False),
    Column("new_cards", Integer, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    # Reviews with a duration.
    Column("timed_reviews", Integer, nullable=False),
    # How many more cards were in learning, young and mature after the reviews than before them.
    Column("learning_change", Integer, nullable=False),
    Column("young_change", Integer, nullable=False),
    Column("mature_change", Integer, nullable=False),
    Column("cells", ARRAY(SmallInteger), nullable=False),
    Column("cell_reviews", ARRAY(Integer), nullable=False),
    Column("cell_recalled", ARRAY(Integer), nullable=False),
    # Sums of predicted retrievability, in ten-thousandths.
    Column("cell_predictions", ARRAY(BigInteger), nullable=False),
)

# Changes of the numbers of cards that reviews do not explain: other settings, resets, deletions, late reviews. Added up
# with those of reviews, they give the present cards.
card_count_changes = Table(
    "card_count_changes",
    metadata,
    reference("user_id", "users.id", primary_key=True),
    Column("day", Date, primary_key=True),
    Column("jlpt_level", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("new_change", Integer, nullable=False),
    Column("learning_change", Integer, nullable=False),
    Column("young_change", Integer, nullable=False),
    Column("mature_change", Integer, nullable=False),
)

# Until which transaction the learner's cards were counted: all that ended before `counted_in`.
card_counts = Table(
    "card_counts",
    metadata,
    reference("user_id", "users.id", primary_key=True),
    Column("counted_in", TransactionId, nullable=False),
    # With which days, and in which database: transactions of another one say nothing.
    Column("time_zone", Text, nullable=False),
    Column("day_starts_at_hour", SmallInteger, nullable=False),
    Column("database", BigInteger, nullable=False),
)

# As what a card was counted in `card_statistics`. A card without a row is not counted.
counted_cards = Table(
    "counted_cards",
    metadata,
    reference("user_id", "users.id", primary_key=True),
    # No foreign key: a card that is deleted must still be subtracted.
    Column("card_id", UUID, primary_key=True),
    Column("added_on", Date, nullable=False),
    Column("started_on", Date),
    Column("jlpt_level", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # The position in `Maturity`.
    Column("maturity", SmallInteger, nullable=False),
)

# Of a day or of a month, by level and kind: the cards that were added, how many of these are in learning, young and
# mature now, and the cards that were first reviewed.
card_statistics = Table(
    "card_statistics",
    metadata,
    reference("user_id", "users.id", primary_key=True),
    Column(
        "unit", Text, CheckConstraint("unit in ('DAY', 'MONTH')", name="unit_known"), primary_key=True, nullable=False
    ),
    Column("starts_on", Date, primary_key=True),
    Column("jlpt_level", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("added", Integer, nullable=False),
    Column("started", Integer, nullable=False),
    Column("learning", Integer, nullable=False),
    Column("young", Integer, nullable=False),
    Column("mature", Integer, nullable=False),
)
