"""Statements that lock and change textbooks. Their policies admit the owner and, for public ones, editors."""

from datetime import datetime

from sqlalchemy import Integer, Text, bindparam, case, cast, func, insert, null, select, update
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.core.statement import Command, Row
from db.queries.expressions import NOW, VIEWER_ID, not_deleted, row_columns
from db.queries.textbooks import TextbookRow
from db.tables.base import Timestamp
from db.tables.textbooks import chapters, textbooks
from domain.enums import TextbookStatus


class LockedTextbookRow(TextbookRow):
    """A complete textbook whose row is locked until the end of the transaction."""

    __slots__ = ()
    description: str
    deleted_at: datetime | None


class TextbookNumberRow(Row):
    """How many textbooks a learner has."""

    __slots__ = ()
    number: int


WRITTEN = ("title", "description", "is_public")
_ID = bindparam("textbook_id", type_=UuidType)
_change = {"version": textbooks.c.version + 1, "updated_at": NOW}
_returned = row_columns(textbooks, TextbookRow)

# Includes soft-deleted textbooks. Parameter: textbook_id.
lock_textbook = Command(
    select(*_returned, textbooks.c.description, textbooks.c.deleted_at).where(textbooks.c.id == _ID).with_for_update(),
    LockedTextbookRow,
)

# Includes soft-deleted textbooks. Parameter: viewer_id.
count_own_textbooks = Command(
    select(func.count().label("number")).where(textbooks.c.owner_id == VIEWER_ID), TextbookNumberRow
)

_INSERTED = ("id", "title", "description", "jlpt_level", "topics", "status", "is_public", "created_at", "updated_at")
# The viewer is the owner. Parameters: viewer_id, search_terms, and those columns.
insert_textbook = Command(
    insert(textbooks)
    .values(
        owner_id=VIEWER_ID,
        search_terms=cast(bindparam("search_terms", type_=Text), TSVECTOR),
        **{name: bindparam(name, type_=textbooks.c[name].type) for name in _INSERTED},
    )
    .returning(*_returned),
    TextbookRow,
)

# Parameters: textbook_id, expected_version, now, new_search_terms, and new_… for each column in `WRITTEN`.
update_textbook = Command(
    update(textbooks)
    .values(
        search_terms=cast(bindparam("new_search_terms", type_=Text), TSVECTOR),
        **{name: bindparam(f"new_{name}", type_=textbooks.c[name].type) for name in WRITTEN},
        **_change,
    )
    .where(
        textbooks.c.id == _ID,
        textbooks.c.version == bindparam("expected_version", type_=Integer),
        not_deleted(textbooks),
    )
    .returning(*_returned),
    TextbookRow,
)

# Parameters: textbook_id, now.
delete_textbook = Command(
    update(textbooks)
    .values(
        deleted_at=NOW,
        # The transaction cancels the job.
        status=case(
            (textbooks.c.status == TextbookStatus.GENERATING.value, TextbookStatus.FAILED.value),
            else_=textbooks.c.status,
        ),
        **_change,
    )
    .where(textbooks.c.id == _ID, not_deleted(textbooks)),
    Row,
)
delete_chapters = Command(
    update(chapters).values(deleted_at=NOW, updated_at=NOW).where(chapters.c.textbook_id == _ID, not_deleted(chapters)),
    Row,
)

# Restores the chapters that were deleted with the textbook, but none that was deleted earlier.
# Parameters: textbook_id, now, deleted_at.
_DELETED_AT = bindparam("deleted_at", type_=Timestamp)
restore_chapters = Command(
    update(chapters)
    .values(deleted_at=null(), updated_at=NOW)
    .where(chapters.c.textbook_id == _ID, chapters.c.deleted_at == _DELETED_AT),
    Row,
)
restore_textbook = Command(
    update(textbooks).values(deleted_at=null(), **_change).where(textbooks.c.id == _ID).returning(*_returned),
    TextbookRow,
)
