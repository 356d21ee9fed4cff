"""Words of learners that the dictionary does not have. Row-level security: user-owned."""

from sqlalchemy import CheckConstraint, Column, Table, Text, UniqueConstraint, text

from db.tables.base import id_column, metadata, reference, timestamps
from domain.custom_vocabulary import MAX_CUSTOM_MEANING_LENGTH, MAX_WORD_LENGTH


def _text(name: str, shortest: int, longest: int) -> Column[object]:
    check = CheckConstraint(f"length({name}) between {shortest} and {longest}", name=f"{name}_length")
    return Column(name, Text, check, nullable=False, server_default=text("''") if not shortest else None)


custom_vocabulary = Table(
    "custom_vocabulary",
    metadata,
    id_column(),
    reference("user_id", "users.id"),
    _text("word", 1, MAX_WORD_LENGTH),
    _text("reading", 0, MAX_WORD_LENGTH),
    _text("meaning", 0, MAX_CUSTOM_MEANING_LENGTH),
    *timestamps(),
    UniqueConstraint("user_id", "word", "reading"),
)
