"""Views on the materialized views of the private schema. Migrations create them."""

from sqlalchemy import BigInteger, Column, Date, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from db.tables.base import Timestamp

# Separate metadata, because comparing migrations with the tables must not treat views as tables.
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

# The viewer's row. `tail_starts_on`: the first day of the newest run of days, which queries recount.
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
    Column("crammed", BigInteger),
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

# Names of the users whose textbooks the viewer can see.
public_profiles = Table("public_profiles", view_metadata, Column("id", UUID), Column("display_name", Text))
