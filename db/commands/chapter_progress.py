"""Statements that save the progress in chapters."""

from sqlalchemy import Boolean, bindparam, case, column, func, or_, select
from sqlalchemy.dialects.postgresql import UUID as UuidType
from sqlalchemy.dialects.postgresql import insert

from db.core.statement import Command, Row
from db.queries.expressions import IDS, VIEWER_ID
from db.tables.base import Timestamp
from db.tables.exercises import chapter_progress

_written = insert(chapter_progress).values(
    user_id=VIEWER_ID,
    chapter_id=bindparam("chapter_id", type_=UuidType),
    is_read=bindparam("is_read", type_=Boolean),
    last_read_at=bindparam("read_at", type_=Timestamp),
    changed_in=func.pg_current_xact_id(),
)
_saved, _new = chapter_progress.c, _written.excluded
# The row does not depend on the order of arrival: the later time of reading wins, and at equal times a read chapter.
# Parameters: chapter_id, is_read, read_at, viewer_id.
save_chapter_progress = Command(
    _written.on_conflict_do_update(
        index_elements=["user_id", "chapter_id"],
        set_={
            "is_read": case(
                (or_(_saved.last_read_at.is_(None), _new.last_read_at > _saved.last_read_at), _new.is_read),
                (_new.last_read_at == _saved.last_read_at, _new.is_read | _saved.is_read),
                else_=_saved.is_read,
            ),
            "last_read_at": func.greatest(_new.last_read_at, _saved.last_read_at),
            "changed_in": _new.changed_in,
        },
    ),
    Row,
)

_chapters = func.unnest(IDS).table_valued(column("id", UuidType), name="answered").render_derived()
_answered = insert(chapter_progress).from_select(
    ["user_id", "chapter_id", "changed_in"], select(VIEWER_ID, _chapters.c.id, func.pg_current_xact_id())
)
# Chapters in which exercises were answered have progress, which has changed. Triggers do it, except on a distributed
# database. It returns rows, because Citus would insert by COPY otherwise, which row-level security does not permit.
# Parameters: ids, viewer_id.
touch_chapter_progress = Command(
    _answered.on_conflict_do_update(
        index_elements=["user_id", "chapter_id"], set_={"changed_in": _answered.excluded.changed_in}
    ).returning(chapter_progress.c.chapter_id),
    Row,
)
