"""Totals of all learners by day, for administrators. Row-level security: administrators read.

See docs/decisions/0023-analytics-from-gaps.md. The worker writes these tables, as their owner. They name no learner.
"""

from sqlalchemy import BigInteger, Column, Date, Integer, SmallInteger, Table, text
from sqlalchemy.dialects.postgresql import UUID

from db.tables.base import Timestamp, metadata


def _number(name: str, type_: type[Integer] = Integer) -> Column[object]:
    return Column(name, type_, nullable=False, server_default=text("0"))


analytics_days = Table(
    "analytics_days",
    metadata,
    # Of reviews, the learners' own day; of the others, in UTC.
    Column("day", Date, primary_key=True),
    _number("active_learners"),
    # Of the 7 and 30 days that end with this one.
    _number("weekly_active_learners"),
    _number("monthly_active_learners"),
    _number("reviews", BigInteger),
    _number("crammed", BigInteger),
    _number("recalled", BigInteger),
    _number("new_cards", BigInteger),
    _number("duration_ms", BigInteger),
    _number("new_learners"),
    _number("books_started"),
    _number("books_finished"),
    _number("textbooks_generated"),
    _number("chapters_read"),
    # When the reviews of the day were counted.
    Column("counted_at", Timestamp),
)

# How many learners with reviews on a day had their previous ones on another day, `-infinity` if none or more than 366
# days before. The learners of a range of days are those whose previous day is before the range.
analytics_gaps = Table(
    "analytics_gaps",
    metadata,
    Column("day", Date, primary_key=True),
    Column("previous_day", Date, primary_key=True),
    Column("learners", Integer, nullable=False),
)

# How many learners of those who signed up in a week had reviews in a later week. `cohort`: a Monday.
analytics_cohorts = Table(
    "analytics_cohorts",
    metadata,
    Column("cohort", Date, primary_key=True),
    Column("week", SmallInteger, primary_key=True),
    Column("learners", Integer, nullable=False),
)

# Reviews of words, and how many of them were lapses. Days are kept for some months, months for ten years
# (`domain/analytics.py`). Words that were merged or removed keep their rows, which queries omit.
analytics_word_days = Table(
    "analytics_word_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("vocabulary_id", UUID, primary_key=True),
    Column("reviews", Integer, nullable=False),
    Column("lapses", Integer, nullable=False),
)

# `month`: its first day.
analytics_word_months = Table(
    "analytics_word_months",
    metadata,
    Column("month", Date, primary_key=True),
    Column("vocabulary_id", UUID, primary_key=True),
    Column("reviews", Integer, nullable=False),
    Column("lapses", Integer, nullable=False),
)
