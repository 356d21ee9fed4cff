"""Queries for the pages of books."""

from functools import cache

from sqlalchemy import (
    Integer,
    and_,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.core.cache_tags import entity_tags
from db.core.keyset import Ordering
from db.core.pagination import NestedPagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import (
    row_columns,
)
from db.tables.books import book_pages
from domain.ids import BookId


class BookPageRow(Row):
    """A page. `ruby`: JSON, as in the table."""

    __slots__ = ()
    book_id: BookId
    number: int
    text: str
    ruby: str


class NestedBookPageRow(BookPageRow):
    """A page in the list of the pages of a book."""

    __slots__ = ()
    parent_id: BookId


@cache
def paged_book_pages(*, unpublished: bool) -> NestedPagedQuery[NestedBookPageRow]:
    """`unpublished`: also of unpublished books, which row-level security shows to editors only."""
    return NestedPagedQuery(
        select(*row_columns(book_pages, BookPageRow)),
        book_pages.c.book_id,
        Ordering("book.pages", (book_pages.c.number,)),
        NestedBookPageRow,
        rls_scoped=unpublished,
        cache_tags=[entity_tags("Book", "parents")],
    )


_wanted = (
    func.unnest(bindparam("books", type_=ARRAY(UuidType)), bindparam("numbers", type_=ARRAY(Integer)))
    .table_valued(column("book_id", UuidType), column("number", Integer), name="wanted")
    .render_derived()
)


@cache
def book_pages_by_number(*, unpublished: bool) -> Query[BookPageRow]:
    """Parameters: books and numbers, which are the keys of the pages. `unpublished`: as above."""
    is_wanted = and_(book_pages.c.book_id == _wanted.c.book_id, book_pages.c.number == _wanted.c.number)
    return Query(
        select(*row_columns(book_pages, BookPageRow)).select_from(book_pages.join(_wanted, is_wanted)),
        BookPageRow,
        rls_scoped=unpublished,
        cache_tags=[entity_tags("Book", "books")],
    )
