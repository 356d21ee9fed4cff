"""Views on the materialized views of the private schema. Migrations create them."""

from sqlalchemy import Boolean, Column, Date, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

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

# Members of the viewer's groups, with their names.
group_profiles = Table(
    "group_profiles",
    view_metadata,
    Column("id", UUID),
    Column("group_id", UUID),
    Column("user_id", UUID),
    Column("display_name", Text),
    Column("role", Text),
    Column("shares_progress", Boolean),
    Column("joined_at", Timestamp),
)

# Names of the users whose textbooks the viewer can see.
public_profiles = Table("public_profiles", view_metadata, Column("id", UUID), Column("display_name", Text))

# Entries of the audit log by the viewer or about their account. Without the actor, who may be an administrator.
own_audit_entries = Table(
    "own_audit_entries",
    view_metadata,
    Column("id", UUID),
    Column("at", Timestamp),
    Column("by_viewer", Boolean),
    Column("action", Text),
    Column("entity", Text),
    Column("entity_id", UUID),
    Column("changes", JSONB),
    Column("request_id", Text),
)
