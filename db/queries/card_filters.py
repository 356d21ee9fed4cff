"""Filters of cards by their history and by a search for their words."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, Text, func, literal_column, or_, select

from db.core.filters import Filter
from db.queries.expressions import VIEWER_ID
from db.queries.search_matches import matches
from db.tables.base import Timestamp
from db.tables.custom_vocabulary import custom_vocabulary
from domain.ranges import check_range
from domain.search_input import check_search

_MAX_LAPSES = 1_000_000


def _to_lapses(name: str, value: int) -> int:
    check_range(name, value, 0, _MAX_LAPSES)
    return value


def _to_search(name: str, value: str) -> str:
    check_search(name, value)
    return value


def _matches(cards: FromClause, search: ColumnElement[Any]) -> ColumnElement[bool]:
    own = custom_vocabulary.c
    has_text = (
        func.strpos(func.lower(text), func.lower(search)) > literal_column("0")
        for text in (own.word, own.reading, own.meaning)
    )
    words = select(own.id).where(own.user_id == VIEWER_ID, or_(*has_text))
    return or_(cards.c.vocabulary_id.in_(select(matches.c.id)), cards.c.custom_vocabulary_id.in_(words))


MIN_LAPSES = Filter(
    "Only cards with at least this many lapses.", lambda cards, lapses: cards.c.lapses >= lapses, Integer, _to_lapses
)
CREATED_AFTER = Filter(
    "Only cards that were created after this time.", lambda cards, time: cards.c.created_at > time, Timestamp
)
UPDATED_SINCE = Filter(
    "Only cards that changed at this time or later.", lambda cards, time: cards.c.updated_at >= time, Timestamp
)
# The condition has the parameters of `search_values`, too.
SEARCH = Filter(
    "Only cards of words that `searchVocabulary` finds for this text, and of own words that have it, in any order; "
    "max 100 characters.",
    _matches,
    Text,
    _to_search,
)
