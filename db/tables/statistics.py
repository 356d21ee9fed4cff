"""Totals of a learner's reviews, computed from the log. Row-level security: learners read their own.

See docs/decisions/0022-statistics-from-daily-totals.md. The worker writes these tables, as their owner.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Index, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from db.tables.base import Timestamp, metadata, reference

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
