"""Statements about textbooks, their chapters and their words. Personal: some textbooks are private."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, Text, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.core.statement import Query, Row
from db.notify.cache_tags import entity_tags, list_tags
from db.queries.expressions import IDS, LEVELS, VIEWER_ID, any_of, matches_search, not_deleted, row_columns
from db.queries.vocabulary import VocabularyRow
from db.tables.textbooks import chapter_vocabulary, chapters, textbooks
from db.tables.vocabulary import vocabulary
from domain.enums import JlptLevel, TextbookStatus


class TextbookRow(Row):
    """A textbook without its description, which is long and read on its own."""

    __slots__ = ()
    id: UUID
    owner_id: UUID | None
    title: str
    jlpt_level: JlptLevel
    topics: list[str]
    status: TextbookStatus
    is_public: bool
    version: int
    created_at: datetime
    updated_at: datetime


class TextbookDescriptionRow(Row):
    """The long text of a textbook."""

    __slots__ = ()
    id: UUID
    description: str


class ChapterCountRow(Row):
    """How many chapters a textbook has."""

    __slots__ = ()
    textbook_id: UUID
    count: int


class ChapterRow(Row):
    """A chapter without its content, which is long and read on its own."""

    __slots__ = ()
    id: UUID
    textbook_id: UUID
    position: int
    title: str
    summary: str


class ChapterPositionRow(Row):
    """Where a chapter stands."""

    __slots__ = ()
    position: int


class ChapterContentRow(Row):
    """The long text of a chapter: Markdown."""

    __slots__ = ()
    id: UUID
    content: str


class ChapterVocabularyRow(VocabularyRow):
    """A word of a chapter."""

    __slots__ = ()
    chapter_id: UUID


@dataclass(frozen=True)
class TextbookListShape:
    """Which filters a list of textbooks has. Their values are parameters: levels, topic, search, viewer_id."""

    levels: bool = False
    topic: bool = False
    search: bool = False
    mine: bool | None = None
    signed_in: bool = False


def _own() -> ColumnElement[bool]:
    return textbooks.c.owner_id == VIEWER_ID


textbooks_by_id = Query(
    select(*row_columns(textbooks, TextbookRow)).where(any_of(textbooks.c.id, IDS), not_deleted(textbooks)),
    TextbookRow,
    rls_scoped=True,
    cache_tags=[entity_tags("Textbook")],
)
textbook_descriptions = Query(
    select(textbooks.c.id, textbooks.c.description).where(any_of(textbooks.c.id, IDS)),
    TextbookDescriptionRow,
    rls_scoped=True,
    cache_tags=[entity_tags("Textbook")],
)
chapter_counts = Query(
    select(chapters.c.textbook_id, func.count().label("count"))
    .where(any_of(chapters.c.textbook_id, IDS), not_deleted(chapters))
    .group_by(chapters.c.textbook_id),
    ChapterCountRow,
    rls_scoped=True,
    cache_tags=[entity_tags("Textbook")],
)
chapters_by_textbook_id = Query(
    select(*row_columns(chapters, ChapterRow))
    .where(any_of(chapters.c.textbook_id, IDS), not_deleted(chapters))
    .order_by(chapters.c.textbook_id, chapters.c.position),
    ChapterRow,
    rls_scoped=True,
    cache_tags=[entity_tags("Textbook")],
)
# Parameter: textbook_id.
chapter_positions = Query(
    select(chapters.c.position).where(
        chapters.c.textbook_id == bindparam("textbook_id", type_=UuidType), not_deleted(chapters)
    ),
    ChapterPositionRow,
    rls_scoped=True,
)
chapters_by_id = Query(
    select(*row_columns(chapters, ChapterRow)).where(any_of(chapters.c.id, IDS), not_deleted(chapters)),
    ChapterRow,
    rls_scoped=True,
    cache_tags=[entity_tags("Chapter")],
)
chapter_contents = Query(
    select(chapters.c.id, chapters.c.content).where(any_of(chapters.c.id, IDS)),
    ChapterContentRow,
    rls_scoped=True,
    cache_tags=[entity_tags("Chapter")],
)
vocabulary_by_chapter_id = Query(
    select(*row_columns(vocabulary, VocabularyRow), chapter_vocabulary.c.chapter_id)
    .select_from(chapter_vocabulary.join(vocabulary, vocabulary.c.id == chapter_vocabulary.c.vocabulary_id))
    .where(any_of(chapter_vocabulary.c.chapter_id, IDS))
    .order_by(chapter_vocabulary.c.chapter_id, chapter_vocabulary.c.position),
    ChapterVocabularyRow,
    rls_scoped=True,
    cache_tags=[entity_tags("Chapter"), list_tags("vocabulary")],
)


@cache
def paged_textbooks(shape: TextbookListShape) -> PagedQuery[TextbookRow]:
    """Newest first. Public ones, and the viewer's own."""
    statement = select(*row_columns(textbooks, TextbookRow)).where(not_deleted(textbooks))
    if shape.mine is True:
        statement = statement.where(_own())
    elif shape.mine is False or not shape.signed_in:
        statement = statement.where(textbooks.c.is_public)
    else:
        statement = statement.where(or_(textbooks.c.is_public, _own()))
    if shape.mine is False and shape.signed_in:
        statement = statement.where(textbooks.c.owner_id.is_distinct_from(VIEWER_ID))
    if shape.levels:
        statement = statement.where(any_of(textbooks.c.jlpt_level, LEVELS))
    if shape.topic:
        statement = statement.where(any_of(bindparam("topic", type_=Text), textbooks.c.topics))
    if shape.search:
        statement = statement.where(matches_search(textbooks, "search"))
    return PagedQuery(
        statement,
        Ordering("textbook", (textbooks.c.id,), descending=True),
        TextbookRow,
        rls_scoped=shape.signed_in,
        cache_tags=[list_tags("textbooks")],
    )
