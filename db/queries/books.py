"""Queries for books and their words."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Double,
    FromClause,
    Select,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from db.core.cache_tags import entity_tags, list_tags
from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.keyset import Ordering
from db.core.pagination import NestedPagedQuery, PagedQuery
from db.core.statement import Query, Row
from db.queries.coverage import known_shares, share_or_last
from db.queries.expressions import (
    IDS,
    any_of,
    level_filter,
    not_deleted,
    row_columns,
    search_filter,
)
from db.queries.reading import has_status, progress_column
from db.queries.vocabulary import VocabularyRow
from db.tables.books import book_vocabulary, books
from db.tables.vocabulary import vocabulary
from domain.enums import BookOrder, BookVocabularyOrder, JlptLevel, ReadingStatus
from domain.ids import BookId
from domain.ranges import check_range


class BookRow(Row):
    """A book. Its description, which is long, is read only when it is selected."""

    __slots__ = ()
    id: BookId
    title: str
    title_reading: str | None
    author: str
    jlpt_level: JlptLevel
    cover_url: str | None
    page_count: int
    has_text: bool
    original_year: int | None
    published_at: datetime | None
    publish_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


class BookDescriptionRow(Row):
    """The description of a book."""

    __slots__ = ()
    id: BookId
    description: str


class BookVocabularyRow(VocabularyRow):
    """A word and its position in a book. `rank`: the negative number of its occurrences. `page`: of the first one."""

    __slots__ = ()
    parent_id: BookId
    position: int
    rank: int
    occurrences: int
    page: int | None


def _has_coverage(books: FromClause, minimum: ColumnElement[float]) -> ColumnElement[bool]:
    shares = known_shares()
    return books.c.id.in_(select(shares.c.book_id).where(shares.c.share >= minimum))


def _to_share(name: str, share: float) -> float:
    check_range(name, share, 0, 1)
    return share


def _matches(books: FromClause, query: ColumnElement[Any]) -> ColumnElement[bool]:
    """Row-level security keeps conditions of `search_terms` from using their index; the function uses it."""
    return books.c.id.in_(select(func.matching_books(cast(query, TSQUERY)).column_valued("matching")))


@dataclass
class BookFilter(ListFilter):
    """Filters of a list of books."""

    jlpt_levels: list[JlptLevel] | None = level_filter("Filter by JLPT level.")
    author: str | None = search_filter(
        "Filter by a part of the author's name, in kanji, kana or romaji.", weight="B", condition=_matches
    )
    search: str | None = search_filter(
        "Filter by a part of the title or the author, in kanji, kana or romaji.", condition=_matches
    )
    has_text: bool | None = filter_field(
        Filter(
            "Filter by whether the text can be read here, as in `hasText`.",
            lambda books, has_text: books.c.has_text == has_text,
            Boolean,
        )
    )
    published: bool | None = filter_field(
        Filter(
            "Filter by whether a book is published; false: only drafts, which editors see.",
            lambda books, published: books.c.published_at.is_not(None) if published else books.c.published_at.is_(None),
        )
    )
    status: ReadingStatus | None = filter_field(
        Filter("Filter by reading status.", has_status, needs_viewer=lambda _: True)
    )
    min_coverage: float | None = filter_field(
        Filter(
            "Filter by the minimum share of the text's words that the viewer knows, between 0 and 1, as in "
            "`coverage.tokens.knownShare`. A book with 0.95 or more can be read without looking up many words.",
            _has_coverage,
            Double,
            _to_share,
            needs_viewer=lambda _: True,
        )
    )


ORDERINGS = {
    BookOrder.NEWEST: Ordering("book.newest", (books.c.created_at, books.c.id), descending=True),
    BookOrder.OLDEST: Ordering("book.oldest", (books.c.created_at, books.c.id)),
    BookOrder.TITLE: Ordering("book.title", (books.c.title, books.c.id)),
    # Levels sort from N5 down to N1.
    BookOrder.LEVEL: Ordering("book.level", (books.c.jlpt_level, books.c.id), descending=True),
}


# `unpublished` here and below: also unpublished books, which row-level security shows to editors only.
@cache
def books_by_id(*, unpublished: bool, described: bool = False) -> Query[BookRow]:
    """`described`: with their descriptions. Parameter: ids."""
    columns = [*row_columns(books, BookRow), *([books.c.description] if described else [])]
    statement = select(*columns).where(any_of(books.c.id, IDS), not_deleted(books))
    return Query(
        statement if unpublished else statement.where(_published()),
        BookRow,
        rls_scoped=unpublished,
        cache_tags=[entity_tags("Book")],
    )


@cache
def book_descriptions(*, unpublished: bool) -> Query[BookDescriptionRow]:
    """Parameter: ids."""
    return Query(
        select(books.c.id, books.c.description).where(any_of(books.c.id, IDS)),
        BookDescriptionRow,
        rls_scoped=unpublished,
        cache_tags=[entity_tags("Book")],
    )


# Most frequent first, and of equally frequent ones the first in the text.
_rank = (-book_vocabulary.c.occurrences).label("rank")
_VOCABULARY_ORDERINGS = {
    BookVocabularyOrder.FIRST_OCCURRENCE: Ordering("book.vocabulary", (book_vocabulary.c.position,)),
    BookVocabularyOrder.OCCURRENCES: Ordering("book.vocabulary.occurrences", (_rank, book_vocabulary.c.position)),
}


@cache
def paged_book_vocabulary(order: BookVocabularyOrder, *, unpublished: bool) -> NestedPagedQuery[BookVocabularyRow]:
    """Parameter: parents."""
    return NestedPagedQuery(
        select(
            *row_columns(vocabulary, VocabularyRow),
            *(book_vocabulary.c.position, _rank, book_vocabulary.c.occurrences, book_vocabulary.c.page),
        ).select_from(book_vocabulary.join(vocabulary, vocabulary.c.id == book_vocabulary.c.vocabulary_id)),
        book_vocabulary.c.book_id,
        _VOCABULARY_ORDERINGS[order],
        BookVocabularyRow,
        rls_scoped=unpublished,
        cache_tags=[entity_tags("Book", "parents"), list_tags("vocabulary")],
    )


@cache_by_variant
def paged_books(filter: BookFilter, order: BookOrder, *, includes_unpublished: bool) -> PagedQuery[BookRow]:
    """Parameters: those of the filter, and viewer_id."""
    statement = select(*row_columns(books, BookRow)).where(not_deleted(books))
    if not includes_unpublished:
        statement = statement.where(_published())
    statement = filter.apply(statement, books)
    if order is BookOrder.COVERAGE:
        return _paged_by_coverage(statement)
    return PagedQuery(
        statement,
        ORDERINGS[order],
        BookRow,
        rls_scoped=includes_unpublished or filter.needs_viewer,
        cache_tags=[BookFilter.list_tags("books")],
        large=[books.c.description],
        personal=[progress_column()],
    )


def _paged_by_coverage(statement: Select[Any]) -> PagedQuery[BookRow]:
    shares = known_shares()
    ranked = (
        statement.add_columns(share_or_last(shares.c.share).label("share"), books.c.description)
        .outerjoin(shares, shares.c.book_id == books.c.id)
        .subquery("ranked")
    )
    ordering = Ordering("book.coverage", (ranked.c.share, ranked.c.id), descending=True)
    large = ranked.c.description
    statement = select(*(column for column in ranked.c if column is not large))
    return PagedQuery(statement, ordering, BookRow, rls_scoped=True, large=[large])


def _published() -> ColumnElement[bool]:
    return books.c.published_at.is_not(None)
