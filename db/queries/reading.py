"""Queries for the viewer's reading progress."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Double, FromClause, Text, case, cast, exists, func, literal, null, select

from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, any_of, not_deleted
from db.queries.own_rows import own_rows
from db.tables.base import Timestamp
from db.tables.books import books, reading_progress
from domain.enums import ReadingStatus
from domain.ids import BookId

# The column of rows of books with the viewer's progress.
PROGRESS = "progress"


class BookProgressRow(Row):
    """The viewer's position in a book. `percent` is 0 to 100, and 100 if `finished_at` is set."""

    __slots__ = ()
    id: UUID
    book_id: BookId
    current_page: int
    percent: float
    status: ReadingStatus
    started_at: datetime
    last_read_at: datetime
    finished_at: datetime | None


class JoinedProgress(NamedTuple):
    """The values of a `BookProgressRow`, in its order, as a column of the book's row."""

    id: UUID
    book_id: BookId
    current_page: int
    percent: float
    status: ReadingStatus
    started_at: datetime
    last_read_at: datetime
    finished_at: datetime | None


def finished_at(progress: FromClause, page_count: ColumnElement[int]) -> ColumnElement[datetime | None]:
    """Return when the learner finished a book of `page_count` pages; null if unfinished.

    Status and percent are derived from it, so that all three agree whatever changes the row or the number of pages. A
    finished book stays finished when the reader turns back. A book that became shorter than the current page was
    finished when it was last read.
    """
    columns = progress.c
    return func.coalesce(
        columns.finished_at,
        case((columns.current_page >= page_count, columns.last_read_at), else_=cast(null(), Timestamp)),
    )


_names = ("id", "book_id", "current_page", "started_at", "last_read_at", "finished_at")
_own = own_rows("own_progress", reading_progress, *(reading_progress.c[name] for name in _names))
_progress = _own.c
_finished_at = finished_at(_own, books.c.page_count)
# Needs the progress, and the books, in the statement.
status = case(
    (_finished_at.is_not(None), literal(ReadingStatus.FINISHED.value, Text)),
    (_progress.current_page > 0, literal(ReadingStatus.READING.value, Text)),
    else_=literal(ReadingStatus.NOT_STARTED.value, Text),
)
_columns: tuple[ColumnElement[Any], ...] = (
    _progress.id,
    _progress.book_id,
    # A new edition may have fewer pages than the current one.
    func.least(_progress.current_page, books.c.page_count).label("current_page"),
    case(
        (_finished_at.is_not(None), cast(100.0, Double)),
        else_=cast(_progress.current_page, Double) * 100 / cast(books.c.page_count, Double),
    ).label("percent"),
    status.label("status"),
    _progress.started_at,
    _progress.last_read_at,
    _finished_at.label("finished_at"),
)
_progress_of_viewer = (
    select(*_columns)
    .select_from(_own.join(books, books.c.id == _progress.book_id))
    .where(not_deleted(books), books.c.published_at.is_not(None))
)

progress_by_book_id = Query(_progress_of_viewer.where(any_of(_progress.book_id, IDS)), BookProgressRow, rls_scoped=True)
progress_by_id = Query(_progress_of_viewer.where(any_of(_progress.id, IDS)), BookProgressRow, rls_scoped=True)


def has_status(books: FromClause, wanted: ReadingStatus) -> ColumnElement[bool]:
    """Return whether books have a status. One without progress of the viewer is not started either."""
    rows = exists(_progress.id).correlate(books)
    if wanted is ReadingStatus.NOT_STARTED:
        return ~rows.where(_progress.book_id == books.c.id, status != wanted.value)
    return rows.where(_progress.book_id == books.c.id, status == wanted.value)


def progress_column() -> ColumnElement[Any]:
    """Return a column of statements of books: the values of a `JoinedProgress`, or null. Parameter: viewer_id."""
    return (
        select(func.row(*_columns))
        .where(_progress.book_id == books.c.id, books.c.published_at.is_not(None))
        .correlate(books)
        .scalar_subquery()
        .label(PROGRESS)
    )


@dataclass
class ReadingFilter(ListFilter):
    """Filters of the list of the viewer's books."""

    status: ReadingStatus | None = filter_field(
        Filter("Filter by reading status.", lambda _, wanted: status == wanted.value)
    )


@cache_by_variant
def paged_reading_progress(filter: ReadingFilter) -> PagedQuery[BookProgressRow]:
    """The viewer's books, latest read first. Parameter: viewer_id."""
    return PagedQuery(
        filter.apply(_progress_of_viewer, _own),
        Ordering("reading", (_progress.last_read_at, _progress.id), descending=True),
        BookProgressRow,
        rls_scoped=True,
    )
