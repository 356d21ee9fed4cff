"""Views over the materialized views of the private schema. They are made by migrations and only read here."""

from sqlalchemy import BigInteger, Column, Date, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from db.tables.base import Timestamp

# Their own metadata: a comparison of migrations with tables must not look for tables of these names.
view_metadata = MetaData()

jlpt_content_stats = Table(
    "jlpt_content_stats",
    view_metadata,
    Column("jlpt_level", Text),
    Column("book_count", Integer),
    Column("textbook_count", Integer),
    Column("vocabulary_count", Integer),
    Column("kanji_count", Integer),
    Column("refreshed_at", Timestamp),
)

# The viewer's own row. `tail_starts_on`: first day of the newest run of days, from which recent days count on.
learner_statistics = Table(
    "learner_statistics",
    view_metadata,
    Column("user_id", UUID),
    Column("longest_streak_days", Integer),
    Column("tail_starts_on", Date),
    Column("refreshed_at", Timestamp),
)

# Administrators only.
daily_activity = Table(
    "daily_activity",
    view_metadata,
    Column("day", Date),
    Column("active_learners", BigInteger),
    Column("reviews", BigInteger),
    Column("recalled", BigInteger),
)
vocabulary_difficulty = Table(
    "vocabulary_difficulty",
    view_metadata,
    Column("day", Date),
    Column("vocabulary_id", UUID),
    Column("reviews", BigInteger),
    Column("lapses", BigInteger),
)

# What anybody may know of another person: the names of those whose textbooks they can see.
public_profiles = Table("public_profiles", view_metadata, Column("id", UUID), Column("display_name", Text))
