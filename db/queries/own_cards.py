"""Cards of the viewer, for queries that join them with content."""

from typing import Any

from sqlalchemy import CTE, ColumnElement, literal_column

from db.queries.expressions import is_recognition, not_deleted
from db.queries.own_rows import own_rows
from db.tables.cards import cards
from domain.enums import MATURE_INTERVAL_DAYS

IS_MATURE = cards.c.interval_days >= literal_column(str(MATURE_INTERVAL_DAYS))


def read_first(name: str, *columns: ColumnElement[Any], where: ColumnElement[bool]) -> CTE:
    """Return the words of the viewer's cards that ask the meaning, `vocabulary_id`, and these columns of the cards."""
    conditions = (not_deleted(cards), is_recognition(cards), where)
    return own_rows(name, cards, cards.c.vocabulary_id, *columns, where=conditions)


# A word is known if this card is mature.
known_words = read_first("known_words", where=IS_MATURE)
