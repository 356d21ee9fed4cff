"""Statements that write the pages of books. Their policies admit editors only."""

from collections.abc import Iterable

from sqlalchemy import Integer, Text, bindparam, cast, delete, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Row
from db.queries.book_pages import BookPageRow
from db.queries.expressions import row_columns
from db.tables.books import book_pages
from domain.annotated_text import AnnotatedText, encode_ruby

_ID = bindparam("book_id", type_=UuidType)
_NUMBER = bindparam("number", type_=Integer)
_is_page = (book_pages.c.book_id == _ID, book_pages.c.number == _NUMBER)

# Parameter: book_id.
delete_pages = Command(delete(book_pages).where(book_pages.c.book_id == _ID), Row)
# Parameters: book_id, number. The row of the book is locked.
find_page = Command(select(*row_columns(book_pages, BookPageRow)).where(*_is_page), BookPageRow)
delete_page = Command(delete(book_pages).where(*_is_page), Row)

_pages = UnnestedRows("pages", {"number": Integer(), "text": Text(), "ruby": Text()})
# Parameters: book_id and `page_values` or `numbered_page`.
insert_pages = Command(
    insert(book_pages).from_select(
        ["book_id", "number", "text", "ruby"],
        select(_ID, _pages.table.c.number, _pages.table.c.text, cast(_pages.table.c.ruby, JSONB)),
    ),
    Row,
)

# Changes the numbers of pages from `first_number` to `last_number` by `shift`. The order reads all deleted pages before
# the first is inserted: numbers are unique. Parameters: book_id, first_number, last_number, shift.
shift_pages = Command(
    text(
        """
        with moved as (
            delete from book_pages where book_id = :book_id and number between :first_number and :last_number
            returning number, text, ruby
        )
        insert into book_pages (book_id, number, text, ruby)
            select :book_id, number + :shift, text, ruby from moved order by number
        """
    ).bindparams(_ID, *(bindparam(name, type_=Integer) for name in ("first_number", "last_number", "shift"))),
    Row,
)


def numbered_page(number: int, page: AnnotatedText) -> dict[str, list[object]]:
    """Return the parameters for one page of a book."""
    return _pages.values([(number, page.text, encode_ruby(page.ruby))])


def page_values(pages: Iterable[AnnotatedText]) -> dict[str, list[object]]:
    """Return the parameters for the pages of a book."""
    return _pages.values((number, page.text, encode_ruby(page.ruby)) for number, page in enumerate(pages, start=1))
