"""Parameters and expressions that statements share."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, bindparam, cast, literal_column
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, UUID
from sqlalchemy.sql.expression import any_

from db.core.filters import Filter, filter_field
from db.core.statement import Row
from db.tables.base import Timestamp
from domain.enums import CardKind
from domain.search_input import to_search_query

IDS = bindparam("ids", type_=ARRAY(UUID))
VIEWER_ID = bindparam("viewer_id", type_=UUID)
NOW = bindparam("now", type_=Timestamp)


def row_columns(table: FromClause, row: type[Row]) -> list[ColumnElement[Any]]:
    """Return the columns of the table that the row class annotates, in its order."""
    return [table.c[name] for name in row.__annotations__ if name in table.c]


def is_in_kana(words: FromClause) -> ColumnElement[bool]:
    """Return whether words of the dictionary have no reading that a card could ask. Own words: see `CustomWord`."""
    return words.c.word == words.c.reading


def any_of(column: ColumnElement[Any], values: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return `column = any(values)`, whose SQL does not depend on the number of values as that of `in` does."""
    return column == any_(values)


def matches_search(table: FromClause, query: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether `search_terms` matches a tsquery that is passed as text."""
    return table.c.search_terms.op("@@")(cast(query, TSQUERY))


def not_deleted(table: FromClause) -> ColumnElement[bool]:
    """Return whether a row is not soft-deleted. All queries use this condition."""
    return table.c.deleted_at.is_(None)


def is_recognition(cards: FromClause) -> ColumnElement[bool]:
    """Return whether a card asks the meaning. A word or kanji has at most one such card, by which it is known."""
    return cards.c.kind == literal_column(f"'{CardKind.RECOGNITION}'")


def level_filter(
    description: str, has_level: Callable[[FromClause, ColumnElement[list[str]]], ColumnElement[bool]] | None = None
) -> Any:
    """Declare the filter by JLPT levels of a list. `has_level`: the condition, unless the table has the column."""
    return filter_field(
        Filter(
            description,
            has_level or (lambda table, levels: any_of(table.c.jlpt_level, levels)),
            ARRAY(Text),
            # Each level once, however often a client names it.
            lambda _, levels: list(dict.fromkeys(level.value for level in levels)),
            is_level=True,
        )
    )


def search_filter(
    description: str,
    weight: str = "",
    condition: Callable[[FromClause, ColumnElement[Any]], ColumnElement[bool]] = matches_search,
) -> Any:
    """Declare a filter by `search_terms` of a weight."""
    return filter_field(Filter(description, condition, Text, partial(to_search_query, weight=weight)))
