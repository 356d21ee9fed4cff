"""Statements about how far a learner has read. All personal."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Double, Text, case, cast, func, literal, null, select

from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, not_deleted
from db.tables.base import Timestamp
from db.tables.books import books, reading_progress
from domain.enums import ReadingStatus


class BookProgressRow(Row):
    """A learner's place in a book. `percent` is 0..100, and 100 where `finished_at` is."""

    __slots__ = ()
    id: UUID
    book_id: UUID
    current_page: int
    percent: float
    status: ReadingStatus
    started_at: datetime
    last_read_at: datetime
    finished_at: datetime | None


def finished_at(page_count: ColumnElement[int]) -> ColumnElement[datetime | None]:
    """When a learner's row had reached the end of a book of so many pages; null where it has not.

    The one definition: status and percent follow from it, so that they agree whoever changes a row or the number of
    pages. A book once finished stays so, wherever the reader turns to; one that became shorter than what was read of it
    was finished when it was read last.
    """
    return func.coalesce(
        _progress.finished_at,
        case((_progress.current_page >= page_count, _progress.last_read_at), else_=cast(null(), Timestamp)),
    )


_progress = reading_progress.c
_finished_at = finished_at(books.c.page_count)
# Of a row of a book, where both are in the statement.
status = case(
    (_finished_at.is_not(None), literal(ReadingStatus.FINISHED.value, Text)),
    (_progress.current_page > 0, literal(ReadingStatus.READING.value, Text)),
    else_=literal(ReadingStatus.NOT_STARTED.value, Text),
)
_progress_of_viewer = (
    select(
        _progress.id,
        _progress.book_id,
        # A new edition may have fewer pages than were read.
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
    .select_from(reading_progress.join(books, books.c.id == _progress.book_id))
    .where(_progress.user_id == VIEWER_ID, not_deleted(books), books.c.published_at.is_not(None))
)

progress_by_book_id = Query(_progress_of_viewer.where(any_of(_progress.book_id, IDS)), BookProgressRow, rls_scoped=True)
progress_by_id = Query(_progress_of_viewer.where(any_of(_progress.id, IDS)), BookProgressRow, rls_scoped=True)


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
        filter.apply(_progress_of_viewer, reading_progress),
        Ordering("reading", (_progress.last_read_at, _progress.id), descending=True),
        BookProgressRow,
        rls_scoped=True,
    )
