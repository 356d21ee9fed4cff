"""Statements that lock and change books. Their policies admit editors only."""

from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Integer,
    Text,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal_column,
    null,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.dialects.postgresql import UUID as UuidType

from analysis.search_terms import book_search_terms
from db.commands.ordered_words import OrderedWords
from db.core.statement import Command, Row
from db.queries.books import BookRow
from db.queries.expressions import NOW, not_deleted, row_columns
from db.tables.books import book_vocabulary, books
from db.tables.exercises import exercises
from domain.books import BookValues

_WRITTEN = tuple(field.name for field in fields(BookValues))


class LockedBookRow(BookRow):
    """A complete book whose row is locked until the end of the transaction."""

    __slots__ = ()
    description: str

    @property
    def editable(self) -> BookValues:
        return BookValues(*(self[name] for name in _WRITTEN))


class DeletedBookRow(BookRow):
    """A book that may be soft-deleted."""

    __slots__ = ()
    deleted_at: datetime | None


_ID = bindparam("book_id", type_=UuidType)
_TERMS = cast(bindparam("new_search_terms", type_=Text), TSVECTOR)
_written = {name: bindparam(f"new_{name}", type_=books.c[name].type) for name in _WRITTEN}
_change = {"version": books.c.version + 1, "updated_at": NOW}

# Parameter: book_id.
lock_book = Command(
    select(*row_columns(books, BookRow), books.c.description)
    .where(books.c.id == _ID, not_deleted(books))
    .with_for_update(),
    LockedBookRow,
)

# Parameters: book_id and `book_values`.
insert_book = Command(
    insert(books)
    .values(id=_ID, created_at=NOW, updated_at=NOW, search_terms=_TERMS, **_written)
    .returning(*row_columns(books, BookRow)),
    BookRow,
)

_found_by_author = func.ts_filter(books.c.search_terms, literal_column("'{b}'"))

# Parameters in addition to `book_values`: book_id, expected_version; same_author: whether to keep the search terms of
# the author, which include the reading of the name.
update_book = Command(
    update(books)
    .values(
        search_terms=_TERMS.op("||")(
            case(
                (bindparam("same_author", type_=Boolean), _found_by_author),
                else_=cast("", TSVECTOR),
            )
        ),
        **_written,
        **_change,
    )
    .where(books.c.id == _ID, books.c.version == bindparam("expected_version", type_=Integer), not_deleted(books))
    .returning(*row_columns(books, BookRow)),
    BookRow,
)

# Includes soft-deleted books. Parameter: book_id.
lock_any_book = Command(
    select(*row_columns(books, BookRow), books.c.deleted_at).where(books.c.id == _ID).with_for_update(), DeletedBookRow
)
# Parameter: book_id.
restore_book = Command(
    update(books).values(deleted_at=null(), **_change).where(books.c.id == _ID).returning(*row_columns(books, BookRow)),
    BookRow,
)

# Parameters: book_id, cover_url.
set_cover = Command(
    update(books)
    .values(cover_url=bindparam("cover_url", type_=Text), **_change)
    .where(books.c.id == _ID)
    .returning(*row_columns(books, BookRow)),
    BookRow,
)

# Parameter: book_id.
delete_book = Command(
    update(books).values(deleted_at=NOW, **_change).where(books.c.id == _ID, not_deleted(books)).returning(books.c.id),
    BookRow,
)

# Parameter: book_id.
delete_exercises = Command(delete(exercises).where(exercises.c.book_id == _ID), Row)

words = OrderedWords(book_vocabulary, "book_id")

# Of a book whose pages or words were written. Parameter: book_id.
touch_book = Command(
    update(books).values(**_change).where(books.c.id == _ID).returning(*row_columns(books, BookRow)), BookRow
)

# After the pages of a book were written: delete its words unless they are those of the same text. Returns the book if
# its words must be found. Parameter: book_id.
delete_outdated_words = Command(
    text(
        """
        with current as (
            select book_id from book_texts where book_id = :book_id and text_hash = book_text_hash(:book_id)
        ), texts as (
            delete from book_texts where book_id = :book_id and not exists (select from current)
        ), words as (
            delete from book_vocabulary where book_id = :book_id and not exists (select from current)
        )
        select id from books where id = :book_id and not exists (select from current)
        """
    ).bindparams(_ID),
    Row,
)

# Of a book with text. Parameters: book_id, page_count.
set_page_count = Command(
    update(books)
    .values(page_count=bindparam("page_count", type_=Integer), has_text=true(), **_change)
    .where(books.c.id == _ID)
    .returning(*row_columns(books, BookRow)),
    BookRow,
)


def book_values(values: BookValues) -> dict[str, object]:
    """Return the parameters for the columns and the search terms."""
    terms = book_search_terms(values.title, values.title_reading, values.author)
    return {**{f"new_{name}": value for name, value in asdict(values).items()}, "new_search_terms": terms}
