"""Queries for textbooks, chapters and their words. RLS-scoped, because textbooks can be private."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, Text, and_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.core.cache_tags import entity_tags, list_tags
from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import (
    IDS,
    VIEWER_ID,
    any_of,
    level_filter,
    not_deleted,
    row_columns,
    search_filter,
)
from db.queries.vocabulary import VocabularyRow
from db.tables.textbooks import chapter_vocabulary, chapters, textbooks
from db.tables.vocabulary import vocabulary
from domain.enums import JlptLevel, TextbookStatus
from domain.ids import ChapterId, TextbookId, UserId


class TextbookRow(Row):
    """A textbook. Its description, which is long, is read only when it is selected."""

    __slots__ = ()
    id: TextbookId
    owner_id: UserId | None
    title: str
    jlpt_level: JlptLevel
    topics: list[str]
    status: TextbookStatus
    is_public: bool
    version: int
    created_at: datetime
    updated_at: datetime


class TextbookDescriptionRow(Row):
    """The description of a textbook."""

    __slots__ = ()
    id: TextbookId
    description: str


class ChapterCountRow(Row):
    """The number of chapters of a textbook."""

    __slots__ = ()
    textbook_id: TextbookId
    count: int


class ChapterRow(Row):
    """A chapter without its content, which is long and loaded separately."""

    __slots__ = ()
    id: ChapterId
    textbook_id: TextbookId
    position: int
    title: str
    summary: str


class ChapterPositionRow(Row):
    """The position of a chapter."""

    __slots__ = ()
    position: int


class ChapterContentRow(Row):
    """The content of a chapter, in Markdown."""

    __slots__ = ()
    id: ChapterId
    content: str


class ChapterVocabularyRow(VocabularyRow):
    """A word of a chapter."""

    __slots__ = ()
    chapter_id: ChapterId


def _is_own() -> ColumnElement[bool]:
    return textbooks.c.owner_id == VIEWER_ID


def _is_mine(textbooks: FromClause, mine: bool) -> ColumnElement[bool]:
    if mine:
        return _is_own()
    return and_(textbooks.c.is_public, textbooks.c.owner_id.is_distinct_from(VIEWER_ID))


@dataclass
class TextbookFilter(ListFilter):
    """Filters of a list of textbooks."""

    jlpt_levels: list[JlptLevel] | None = level_filter("Filter by JLPT level.")
    topic: str | None = filter_field(
        Filter(
            "Filter by a topic, exactly as in `topics`.",
            lambda textbooks, topic: any_of(topic, textbooks.c.topics),
            Text,
        )
    )
    search: str | None = search_filter("Filter by a part of the title or of a topic, in kanji, kana or romaji.")
    mine: bool | None = filter_field(
        Filter(
            "Filter by ownership: true for the viewer's textbooks, false for others.",
            _is_mine,
            needs_viewer=lambda mine: bool(mine),
        )
    )


textbooks_by_id = Query(
    select(*row_columns(textbooks, TextbookRow)).where(any_of(textbooks.c.id, IDS), not_deleted(textbooks)),
    TextbookRow,
    rls_scoped=True,
    cache_tags=[entity_tags("Textbook")],
)
described_textbooks_by_id = Query(
    select(*row_columns(textbooks, TextbookRow), textbooks.c.description).where(
        any_of(textbooks.c.id, IDS), not_deleted(textbooks)
    ),
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


@cache_by_variant
def paged_textbooks(filter: TextbookFilter, *, has_viewer: bool) -> PagedQuery[TextbookRow]:
    """Public textbooks and the viewer's own, newest first. Parameters: those of the filter, and viewer_id."""
    statement = select(*row_columns(textbooks, TextbookRow)).where(not_deleted(textbooks))
    if not has_viewer:
        # Without a viewer all public textbooks are other people's.
        filter = replace(filter, mine=None)
        statement = statement.where(textbooks.c.is_public)
    elif filter.mine is None:
        statement = statement.where(or_(textbooks.c.is_public, _is_own()))
    return PagedQuery(
        filter.apply(statement, textbooks),
        Ordering("textbook", (textbooks.c.id,), descending=True),
        TextbookRow,
        rls_scoped=has_viewer,
        cache_tags=[TextbookFilter.list_tags("textbooks")],
        large=[textbooks.c.description],
    )
