"""Statements that insert chapters and their words."""

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.dialects.postgresql import UUID as UuidType
from sqlalchemy.dialects.postgresql import insert

from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Row
from db.queries.expressions import not_deleted
from db.tables.textbooks import chapter_vocabulary, chapters
from domain.ids import ChapterId


class InsertedChapterRow(Row):
    """A chapter that was inserted."""

    __slots__ = ()
    id: ChapterId


_INSERTED = ("id", "textbook_id", "position", "title", "summary", "content", "created_at", "updated_at")
# No row if the position is taken. Parameters: those columns.
insert_chapter = Command(
    insert(chapters)
    .values(**{name: bindparam(name, type_=chapters.c[name].type) for name in _INSERTED})
    .on_conflict_do_nothing(index_elements=["textbook_id", "position"], index_where=not_deleted(chapters))
    .returning(chapters.c.id),
    InsertedChapterRow,
)

chapter_words = UnnestedRows("chapter_words", {"position": Integer(), "vocabulary_id": UuidType()})
# Parameters: chapter_id, and chapter_words.
insert_chapter_words = Command(
    insert(chapter_vocabulary).from_select(
        ["chapter_id", "position", "vocabulary_id"],
        select(
            bindparam("chapter_id", type_=UuidType), chapter_words.table.c.position, chapter_words.table.c.vocabulary_id
        ),
    ),
    Row,
)
