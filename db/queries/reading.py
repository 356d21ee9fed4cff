"""Statements about how far a learner has read. All personal."""

from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Double, Text, case, cast, func, literal, select

from db.keyset import Ordering
from db.listing import Listing
from db.queries.selecting import IDS, VIEWER_ID, among, visible
from db.query import Query, Row
from db.tables.books import books, reading_progress
from domain.values import ReadingStatus


class BookProgressRow(Row):
    """A learner's place in a book. `percent` is 0..100."""

    __slots__ = ()
    id: UUID
    book_id: UUID
    current_page: int
    percent: float
    status: ReadingStatus
    started_at: datetime
    last_read_at: datetime
    finished_at: datetime | None


_progress = reading_progress.c
_status = case(
    (_progress.finished_at.is_not(None), literal(ReadingStatus.FINISHED.value, Text)),
    (_progress.current_page > 0, literal(ReadingStatus.READING.value, Text)),
    else_=literal(ReadingStatus.NOT_STARTED.value, Text),
)
_progress_of_viewer = (
    select(
        _progress.id,
        _progress.book_id,
        _progress.current_page,
        # A new edition may have fewer pages than were read.
        func.least(cast(100.0, Double), cast(_progress.current_page, Double) * 100 / books.c.page_count).label(
            "percent"
        ),
        _status.label("status"),
        _progress.started_at,
        _progress.last_read_at,
        _progress.finished_at,
    )
    .select_from(reading_progress.join(books, books.c.id == _progress.book_id))
    .where(_progress.user_id == VIEWER_ID, visible(books), books.c.published_at.is_not(None))
)

progress_by_book_id = Query(_progress_of_viewer.where(among(_progress.book_id, IDS)), BookProgressRow, personal=True)
progress_by_id = Query(_progress_of_viewer.where(among(_progress.id, IDS)), BookProgressRow, personal=True)


@cache
def reading_listing(status: ReadingStatus | None) -> Listing[BookProgressRow]:
    """Latest read first. Parameter: viewer_id."""
    statement = _progress_of_viewer if status is None else _progress_of_viewer.where(_status == status.value)
    return Listing(
        statement,
        Ordering("reading", (_progress.last_read_at, _progress.id), descending=True),
        BookProgressRow,
        personal=True,
    )
