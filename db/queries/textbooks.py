"""Statements about textbooks, their chapters and their words. Personal: some textbooks are private."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, Text, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.core.keyset import Ordering
from db.core.pagination import Listing
from db.core.statement import Query, Row
from db.notify.cache_tags import keys, listing
from db.queries.expressions import IDS, LEVELS, VIEWER_ID, among, columns, matching, visible
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
    select(*columns(textbooks, TextbookRow)).where(among(textbooks.c.id, IDS), visible(textbooks)),
    TextbookRow,
    personal=True,
    tags=[keys("Textbook")],
)
textbook_descriptions = Query(
    select(textbooks.c.id, textbooks.c.description).where(among(textbooks.c.id, IDS)),
    TextbookDescriptionRow,
    personal=True,
    tags=[keys("Textbook")],
)
chapter_counts = Query(
    select(chapters.c.textbook_id, func.count().label("count"))
    .where(among(chapters.c.textbook_id, IDS), visible(chapters))
    .group_by(chapters.c.textbook_id),
    ChapterCountRow,
    personal=True,
    tags=[keys("Textbook")],
)
chapters_by_textbook_id = Query(
    select(*columns(chapters, ChapterRow))
    .where(among(chapters.c.textbook_id, IDS), visible(chapters))
    .order_by(chapters.c.textbook_id, chapters.c.position),
    ChapterRow,
    personal=True,
    tags=[keys("Textbook")],
)
# Parameter: textbook_id.
chapter_positions = Query(
    select(chapters.c.position).where(
        chapters.c.textbook_id == bindparam("textbook_id", type_=UuidType), visible(chapters)
    ),
    ChapterPositionRow,
    personal=True,
)
chapters_by_id = Query(
    select(*columns(chapters, ChapterRow)).where(among(chapters.c.id, IDS), visible(chapters)),
    ChapterRow,
    personal=True,
    tags=[keys("Chapter")],
)
chapter_contents = Query(
    select(chapters.c.id, chapters.c.content).where(among(chapters.c.id, IDS)),
    ChapterContentRow,
    personal=True,
    tags=[keys("Chapter")],
)
vocabulary_by_chapter_id = Query(
    select(*columns(vocabulary, VocabularyRow), chapter_vocabulary.c.chapter_id)
    .select_from(chapter_vocabulary.join(vocabulary, vocabulary.c.id == chapter_vocabulary.c.vocabulary_id))
    .where(among(chapter_vocabulary.c.chapter_id, IDS))
    .order_by(chapter_vocabulary.c.chapter_id, chapter_vocabulary.c.position),
    ChapterVocabularyRow,
    personal=True,
    tags=[keys("Chapter"), listing("vocabulary")],
)


@cache
def textbook_listing(shape: TextbookListShape) -> Listing[TextbookRow]:
    """Newest first. Public ones, and the viewer's own."""
    statement = select(*columns(textbooks, TextbookRow)).where(visible(textbooks))
    if shape.mine is True:
        statement = statement.where(_own())
    elif shape.mine is False or not shape.signed_in:
        statement = statement.where(textbooks.c.is_public)
    else:
        statement = statement.where(or_(textbooks.c.is_public, _own()))
    if shape.mine is False and shape.signed_in:
        statement = statement.where(textbooks.c.owner_id.is_distinct_from(VIEWER_ID))
    if shape.levels:
        statement = statement.where(among(textbooks.c.jlpt_level, LEVELS))
    if shape.topic:
        statement = statement.where(among(bindparam("topic", type_=Text), textbooks.c.topics))
    if shape.search:
        statement = statement.where(matching(textbooks, "search"))
    return Listing(
        statement,
        Ordering("textbook", (textbooks.c.id,), descending=True),
        TextbookRow,
        personal=shape.signed_in,
        tags=[listing("textbooks")],
    )
