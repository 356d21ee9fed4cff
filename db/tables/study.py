"""Extensions of the limits of a day. Row-level security: user-owned."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, Table, Text, text

from db.tables.base import Timestamp, metadata, reference
from domain.study_settings import MAX_CARDS_A_DAY


def _number(name: str) -> Column[object]:
    check = CheckConstraint(f"{name} between 0 and {MAX_CARDS_A_DAY}", name=f"{name}_range")
    return Column(name, Integer, check, nullable=False)


limit_extensions = Table(
    "limit_extensions",
    metadata,
    reference("user_id", "users.id", primary_key=True),
    Column("idempotency_key", Text, primary_key=True),
    # The learner's day when it was saved.
    Column("day", Date, nullable=False),
    _number("new_cards"),
    _number("reviews"),
    Column("created_at", Timestamp, nullable=False, server_default=text("now()")),
    Index(None, "user_id", "day"),
    Index(None, "created_at"),
)
