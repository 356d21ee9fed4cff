"""Statements that save reading progress."""

from sqlalchemy import Integer, bindparam, case, func
from sqlalchemy.dialects.postgresql import UUID as UuidType
from sqlalchemy.dialects.postgresql import insert

from db.core.statement import Command, Row
from db.queries.expressions import VIEWER_ID
from db.queries.reading import finished_at
from db.tables.base import Timestamp
from db.tables.books import reading_progress

_BOOK_ID = bindparam("book_id", type_=UuidType)
_PAGE = bindparam("page", type_=Integer)
_PAGE_COUNT = bindparam("page_count", type_=Integer)
_READ_AT = bindparam("read_at", type_=Timestamp)

_progress = reading_progress.c
_written = insert(reading_progress).values(
    id=bindparam("id", type_=UuidType),
    user_id=VIEWER_ID,
    book_id=_BOOK_ID,
    current_page=_PAGE,
    started_at=_READ_AT,
    last_read_at=_READ_AT,
    finished_at=bindparam("finished_at", type_=Timestamp),
    changed_in=func.pg_current_xact_id(),
)
_new = _written.excluded
# The row does not depend on the order of arrival: a later write of another device wins, and the book may turn out to
# have been started or finished earlier.
_is_newest = _new.last_read_at >= _progress.last_read_at
# Parameters: id, book_id, page, page_count, read_at, finished_at.
save_progress = Command(
    _written.on_conflict_do_update(
        index_elements=["user_id", "book_id"],
        set_={
            "started_at": func.least(_progress.started_at, _new.started_at),
            "current_page": case((_is_newest, _new.current_page), else_=_progress.current_page),
            "last_read_at": func.greatest(_progress.last_read_at, _new.last_read_at),
            # Reading a book again does not change when it was first finished.
            "finished_at": func.least(finished_at(reading_progress, _PAGE_COUNT), _new.finished_at),
            # Citus does not call functions here.
            "updated_at": _new.updated_at,
            "changed_in": _new.changed_in,
        },
    ),
    Row,
)
