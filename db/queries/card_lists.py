"""Lists of the viewer's cards, in several orders.

A page is found by its sort key, and columns that may be null have a value in its place, so that pages are exact under
ties and nulls. Orders other than by age and due time sort the cards of the learner: an index for each of them would be
written with every review.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, func, literal_column, select

from db.core.filters import cache_by_variant
from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.queries.cards import CardFilter, CardRow, own_cards
from db.queries.expressions import NOW, VIEWER_ID, row_columns
from db.tables.cards import cards
from db.tables.custom_vocabulary import custom_vocabulary
from db.tables.vocabulary import kanji, vocabulary
from domain.enums import CardOrder


class DeletedCardRow(CardRow):
    """A card that can be restored."""

    __slots__ = ()
    deleted_at: datetime


# As subqueries, because joins would need the dictionary for every other order.
_word, _kanji, _own = vocabulary.alias("word"), kanji.alias("character"), custom_vocabulary.alias("own")
_reading = func.coalesce(
    select(_word.c.reading).where(_word.c.id == cards.c.vocabulary_id).correlate(cards).scalar_subquery(),
    select(_kanji.c.character).where(_kanji.c.id == cards.c.kanji_id).correlate(cards).scalar_subquery(),
    select(func.coalesce(func.nullif(_own.c.reading, literal_column("''")), _own.c.word))
    .where(_own.c.id == cards.c.custom_vocabulary_id, _own.c.user_id == VIEWER_ID)
    .correlate(cards)
    .scalar_subquery(),
    type_=Text,
)
_difficulty = func.coalesce(cards.c.difficulty, literal_column("0"))
_KEYS: dict[CardOrder, tuple[ColumnElement[Any], bool]] = {
    CardOrder.NEWEST: (cards.c.id, True),
    CardOrder.OLDEST: (cards.c.id, False),
    CardOrder.DUE_FIRST: (cards.c.due_at, False),
    CardOrder.DUE_LAST: (cards.c.due_at, True),
    CardOrder.MOST_LAPSES: (cards.c.lapses, True),
    CardOrder.FEWEST_LAPSES: (cards.c.lapses, False),
    CardOrder.HARDEST: (_difficulty.cast(cards.c.difficulty.type), True),
    CardOrder.EASIEST: (_difficulty.cast(cards.c.difficulty.type), False),
    CardOrder.WORD: (_reading, False),
    CardOrder.WORD_DESCENDING: (_reading, True),
}


@cache_by_variant
def paged_cards(filter: CardFilter, order: CardOrder = CardOrder.NEWEST) -> PagedQuery[CardRow]:
    """The viewer's cards. Parameters: those of the filter, viewer_id and now."""
    return _paged("card", filter.apply(own_cards, cards), order)


@cache_by_variant
def paged_due_cards(filter: CardFilter, order: CardOrder = CardOrder.DUE_FIRST) -> PagedQuery[CardRow]:
    """The viewer's cards that are due, without suspended ones. Parameters: those of `paged_cards`."""
    due = own_cards.where(~cards.c.suspended, cards.c.due_at <= NOW)
    return _paged("card.due", filter.apply(due, cards), order)


def _paged(name: str, statement: Select[Any], order: CardOrder) -> PagedQuery[CardRow]:
    key, descending = _KEYS[order]
    ordering = f"{name}.{order.value.lower()}"
    columns: tuple[ColumnElement[Any], ...] = (key, cards.c.id)
    if key is cards.c.id:
        columns = (key,)
    elif key not in (cards.c.due_at, cards.c.lapses):
        # The row has the sort key for its cursor.
        keyed = statement.add_columns(key.label("sort_key")).subquery("keyed")
        statement, columns = select(*keyed.c), (keyed.c.sort_key, keyed.c.id)
    return PagedQuery(statement, Ordering(ordering, columns, descending), CardRow, rls_scoped=True)


# The viewer's deleted cards, the newest deletions first. Parameter: viewer_id.
paged_deleted_cards = PagedQuery(
    select(*row_columns(cards, CardRow), cards.c.deleted_at).where(
        cards.c.user_id == VIEWER_ID, cards.c.deleted_at.is_not(None)
    ),
    Ordering("card.deleted", (cards.c.deleted_at, cards.c.id), descending=True),
    DeletedCardRow,
    rls_scoped=True,
)
