"""Statements by which chapters and exercises are written by hand. Their policies admit the owner and, for public
textbooks, editors.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, Text, bindparam, cast, func, insert, null, select, true, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.commands.ordered_words import OrderedWords
from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Row
from db.queries.expressions import NOW, not_deleted, row_columns
from db.queries.textbooks import ChapterRow, TextbookRow
from db.tables.textbooks import chapter_vocabulary, chapters, textbooks
from domain.enums import TextbookStatus
from domain.ids import ChapterId


class LockedChapterRow(ChapterRow):
    """A complete chapter, which may be soft-deleted."""

    __slots__ = ()
    content: str
    deleted_at: datetime | None


class FormerExercisesRow(Row):
    """The exercises of a chapter, with their solutions, as JSON."""

    __slots__ = ()
    former: str


class ChapterNumberRow(Row):
    """How many chapters a textbook has."""

    __slots__ = ()
    number: int


_TEXTBOOK = bindparam("textbook_id", type_=UuidType)
_CHAPTER = bindparam("chapter_id", type_=UuidType)
_TEXTS = ("title", "summary", "content")
_texts = {name: bindparam(f"new_{name}", type_=Text) for name in _TEXTS}
_chapter = row_columns(chapters, ChapterRow)

# Includes soft-deleted chapters. Parameter: chapter_id.
find_chapter = Command(
    select(*_chapter, chapters.c.content, chapters.c.deleted_at).where(chapters.c.id == _CHAPTER), LockedChapterRow
)
# The chapters of a textbook in their order. Parameter: textbook_id.
chapters_of_textbook = Command(
    select(*_chapter).where(chapters.c.textbook_id == _TEXTBOOK, not_deleted(chapters)).order_by(chapters.c.position),
    ChapterRow,
)
# How many chapters a textbook has, soft-deleted ones included. Parameter: textbook_id.
count_chapters = Command(
    select(func.count().label("number")).where(chapters.c.textbook_id == _TEXTBOOK), ChapterNumberRow
)
# Parameters: chapter_id, textbook_id, position, new_title, new_summary, new_content.
insert_chapter = Command(
    insert(chapters).values(
        id=_CHAPTER,
        textbook_id=_TEXTBOOK,
        position=bindparam("position", type_=Integer),
        created_at=NOW,
        updated_at=NOW,
        **_texts,
    ),
    Row,
)
# Parameters: chapter_id, new_title, new_summary, new_content.
update_chapter = Command(update(chapters).values(updated_at=NOW, **_texts).where(chapters.c.id == _CHAPTER), Row)
# Parameter: chapter_id.
delete_chapter = Command(update(chapters).values(deleted_at=NOW, updated_at=NOW).where(chapters.c.id == _CHAPTER), Row)
# Parameters: chapter_id, position.
restore_chapter = Command(
    update(chapters)
    .values(deleted_at=null(), updated_at=NOW, position=bindparam("position", type_=Integer))
    .where(chapters.c.id == _CHAPTER),
    Row,
)

_order = UnnestedRows("chapter_order", {"id": UuidType(), "position": Integer()})
# Positions are unique at any time: first negative ones. Parameters: `order_values`; then textbook_id.
reorder_chapters = Command(
    update(chapters)
    .values(position=-_order.table.c.position, updated_at=NOW)
    .where(chapters.c.id == _order.table.c.id),
    Row,
)
finish_order = Command(
    update(chapters)
    .values(position=-chapters.c.position)
    .where(chapters.c.textbook_id == _TEXTBOOK, chapters.c.position < 0),
    Row,
)

words = OrderedWords(chapter_vocabulary, "chapter_id")

# Replaces the exercises of a chapter and returns the former ones. Parameters: chapter_id, entries (JSON).
exchange_exercises = Command(
    select(
        cast(func.exchange_exercises(_CHAPTER, cast(bindparam("entries", type_=Text), JSONB)), Text).label("former")
    ),
    FormerExercisesRow,
)

# Increments the version. Parameter: textbook_id.
touch_textbook = Command(
    update(textbooks)
    .values(version=textbooks.c.version + 1, updated_at=NOW)
    .where(textbooks.c.id == _TEXTBOOK)
    .returning(*row_columns(textbooks, TextbookRow)),
    TextbookRow,
)

_source = textbooks.alias("source")
_COPIED = ("title", "description", "jlpt_level", "topics", "search_terms")
# A copy without an owner. Parameters: textbook_id, copy_id.
copy_textbook = Command(
    insert(textbooks)
    .from_select(
        ["id", "status", "is_public", "created_at", "updated_at", *_COPIED],
        select(
            bindparam("copy_id", type_=UuidType),
            cast(TextbookStatus.READY.value, Text),
            true(),
            NOW,
            NOW,
            *(_source.c[name] for name in _COPIED),
        ).where(_source.c.id == _TEXTBOOK),
    )
    .returning(*row_columns(textbooks, TextbookRow)),
    TextbookRow,
)
# Parameters: textbook_id, copy_id.
copy_chapters = Command(select(func.copy_chapters(_TEXTBOOK, bindparam("copy_id", type_=UuidType))), Row)


def order_values(ids: Sequence[ChapterId]) -> dict[str, list[object]]:
    """Return the parameters of `reorder_chapters`."""
    return _order.values((id, position) for position, id in enumerate(ids, start=1))
