"""Cards of the viewer, for queries that join them with content.

A distributed database has cards and content on different servers: it reads these cards first, and sends them to the
coordinator.
"""

from typing import Any

from sqlalchemy import CTE, ColumnElement, literal_column, select

from db.core.statement import READ_FIRST
from db.queries.expressions import VIEWER_ID, is_recognition, not_deleted
from db.tables.cards import cards
from domain.enums import MATURE_INTERVAL_DAYS

IS_MATURE = cards.c.interval_days >= literal_column(str(MATURE_INTERVAL_DAYS))


def read_first(name: str, *columns: ColumnElement[Any], where: ColumnElement[bool]) -> CTE:
    """Return the words of the viewer's cards that ask the meaning, `vocabulary_id`, and these columns of the cards."""
    own = select(cards.c.vocabulary_id, *columns).where(
        cards.c.user_id == VIEWER_ID, not_deleted(cards), is_recognition(cards), where
    )
    return own.cte(name).prefix_with(READ_FIRST)


# A word is known if this card is mature.
known_words = read_first("known_words", where=IS_MATURE)
