"""Statements that insert and move contexts of cards."""

from collections.abc import Iterable

from sqlalchemy import (
    Integer,
    Text,
    select,
)
from sqlalchemy.dialects.postgresql import UUID as UuidType
from sqlalchemy.dialects.postgresql import insert

from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Row
from db.queries.expressions import VIEWER_ID
from db.tables.cards import card_contexts, cards
from domain.card_context import CardContext
from domain.ids import CardId

# Of cards that have none. Parameters: those of `context_values`.
_context = UnnestedRows(
    "context", {"vocabulary_id": UuidType(), "text": Text(), "book_id": UuidType(), "page": Integer()}
)
insert_contexts = Command(
    insert(card_contexts)
    .from_select(
        ["card_id", "user_id", "text", "book_id", "page"],
        select(cards.c.id, VIEWER_ID, _context.table.c.text, _context.table.c.book_id, _context.table.c.page)
        .select_from(_context.table.join(cards, cards.c.vocabulary_id == _context.table.c.vocabulary_id))
        .where(cards.c.user_id == VIEWER_ID)
        .order_by(cards.c.id),
    )
    .on_conflict_do_nothing(index_elements=["card_id"]),
    Row,
)

# For cards that are merged: the context of the first merged card that has one. Parameters: those of `moved_contexts`.
_moved = UnnestedRows("moved", {"from_id": UuidType(), "to_id": UuidType()})
move_contexts = Command(
    insert(card_contexts)
    .from_select(
        ["card_id", "user_id", "text", "book_id", "page"],
        select(
            _moved.table.c.to_id,
            card_contexts.c.user_id,
            card_contexts.c.text,
            card_contexts.c.book_id,
            card_contexts.c.page,
        )
        .select_from(_moved.table.join(card_contexts, card_contexts.c.card_id == _moved.table.c.from_id))
        .where(card_contexts.c.user_id == VIEWER_ID)
        .order_by(_moved.table.c.from_id),
    )
    .on_conflict_do_nothing(index_elements=["card_id"]),
    Row,
)


def context_values(contexts: Iterable[CardContext]) -> dict[str, list[object]]:
    """Return the parameters of `insert_contexts`."""
    return _context.values((value.vocabulary_id, value.text, value.book_id, value.page) for value in contexts)


def moved_contexts(replaced: Iterable[tuple[CardId, CardId]]) -> dict[str, list[object]]:
    """Return the parameters of `move_contexts` for the ids of merged cards and of those that remain."""
    return _moved.values(replaced)
