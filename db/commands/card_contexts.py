"""Statements that insert and move contexts of cards."""

from collections.abc import Iterable

from sqlalchemy import Integer, Text, select
from sqlalchemy.dialects.postgresql import UUID as UuidType
from sqlalchemy.dialects.postgresql import insert

from db.commands.moved_cards import MOVED
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
        select(cards.c.id, cards.c.user_id, _context.table.c.text, _context.table.c.book_id, _context.table.c.page)
        .select_from(_context.table.join(cards, cards.c.vocabulary_id == _context.table.c.vocabulary_id))
        .where(cards.c.user_id == VIEWER_ID)
        .order_by(cards.c.id),
    )
    .on_conflict_do_nothing(),
    Row,
)


class ContextRow(Row):
    """The card of a new context."""

    __slots__ = ()
    card_id: CardId


# The same by card. Parameters: `card_context_values`.
_PLACED = ("card_id", "text", "book_id", "page")
_card_context = UnnestedRows("card_context", {name: card_contexts.c[name].type for name in _PLACED})
insert_card_contexts = Command(
    insert(card_contexts)
    .from_select(
        [*_PLACED, "user_id"],
        select(*(_card_context.table.c[name] for name in _PLACED), VIEWER_ID).order_by(_card_context.table.c.card_id),
    )
    .on_conflict_do_nothing()
    .returning(card_contexts.c.card_id),
    ContextRow,
)
card_context_values = _card_context.values

# For cards that are merged: the context of the first merged card that has one. Parameters: `moved_values`.
move_contexts = Command(
    insert(card_contexts)
    .from_select(
        ["card_id", "user_id", "text", "book_id", "page"],
        select(
            MOVED.c.to_id,
            card_contexts.c.user_id,
            card_contexts.c.text,
            card_contexts.c.book_id,
            card_contexts.c.page,
        )
        .select_from(MOVED.join(card_contexts, card_contexts.c.card_id == MOVED.c.from_id))
        .where(card_contexts.c.user_id == VIEWER_ID)
        .order_by(MOVED.c.from_id),
    )
    .on_conflict_do_nothing(),
    Row,
)


def context_values(contexts: Iterable[CardContext]) -> dict[str, list[object]]:
    """Return the parameters of `insert_contexts`."""
    return _context.values((value.vocabulary_id, value.text, value.book_id, value.page) for value in contexts)
