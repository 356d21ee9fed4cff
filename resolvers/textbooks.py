"""Resolvers of textbooks and chapters."""

import strawberry

from db.core.pagination import Page
from db.queries.textbook_progress import ChapterProgressRow
from db.queries.textbook_topics import TextbookTopicRow, topics_of_level
from db.queries.textbooks import TextbookFilter, TextbookRow, paged_textbooks
from domain.enums import JlptLevel
from domain.ids import TextbookId, global_id, parse_global_id_as
from domain.pages import page_arguments
from resolvers.connections import row_columns, selects_description
from resolvers.context import Info
from resolvers.loader_field import load_by_key


async def textbooks(
    info: Info,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    filter: TextbookFilter | None = None,
) -> Page[TextbookRow]:
    arguments = page_arguments(first, after, last, before)
    filter = filter or TextbookFilter()
    viewer = info.context.require_viewer() if filter.needs_viewer else info.context.viewer
    columns = row_columns(info)
    page = await info.context.reads.page(
        paged_textbooks(filter, has_viewer=viewer is not None).with_columns(columns),
        arguments,
        **filter.parameters(),
        viewer_id=viewer.id if viewer else None,
    )
    if columns is not None and "description" in columns:
        info.context.loaders.textbooks.description_by_textbook_id.add(page.rows)
    return page


def _textbook_id(info: Info, id: strawberry.ID) -> TextbookId:
    if selects_description(info):
        info.context.loaders.textbooks.textbook_by_id.include_large()
    return parse_global_id_as(TextbookId, id)


textbook = load_by_key(lambda loaders: loaders.textbooks.textbook_by_id, key=_textbook_id)

description = load_by_key(
    lambda loaders: loaders.textbooks.description_by_textbook_id,
    transform=lambda row: row.description if row else "",
    known=lambda loaders: loaders.textbooks.description_by_textbook_id.results,
    column="description",
)

owner = load_by_key(lambda loaders: loaders.users.user_by_id, key="owner_id")

chapter_count = load_by_key(
    lambda loaders: loaders.textbooks.chapter_count_by_textbook_id, transform=lambda row: row.count if row else 0
)

chapters = load_by_key(lambda loaders: loaders.textbooks.chapters_by_textbook_id)

job = load_by_key(lambda loaders: loaders.jobs.job_by_textbook_id)

chapter_textbook = load_by_key(lambda loaders: loaders.textbooks.textbook_by_id, key="textbook_id")

chapter_content = load_by_key(
    lambda loaders: loaders.textbooks.content_by_chapter_id, transform=lambda row: row.content if row else ""
)

chapter_vocabulary = load_by_key(lambda loaders: loaders.textbooks.vocabulary_by_chapter_id)

progress = load_by_key(lambda loaders: loaders.textbooks.progress_by_textbook_id)

chapter_progress = load_by_key(lambda loaders: loaders.textbooks.progress_by_chapter_id)


def progress_chapter_id(parent: strawberry.Parent[ChapterProgressRow]) -> str:
    return global_id("Chapter", parent.id)


async def textbook_topics(info: Info, jlpt_level: JlptLevel) -> list[TextbookTopicRow]:
    return await info.context.reads.rows(topics_of_level, level=jlpt_level.value, levels=None)
