"""Textbooks and their chapters."""

from typing import Annotated

import strawberry

from db.listing import Page
from db.queries.jobs import JobRow
from db.queries.textbooks import ChapterRow, ChapterVocabularyRow, TextbookListShape, TextbookRow, textbook_listing
from db.queries.users import UserRow
from domain.ids import parse_id_of
from domain.pages import page_arguments
from resolvers.context import Info
from resolvers.filters import TextbookFilter, level_values, search_terms
from resolvers.nodes import GlobalId
from resolvers.pages import After, Before, First, Last


async def textbooks(
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    filter: Annotated[TextbookFilter | None, strawberry.argument(description="Which textbooks to list.")] = None,
) -> Page[TextbookRow]:
    arguments = page_arguments(first, after, last, before)
    filter = filter or TextbookFilter()
    viewer = info.context.signed_in() if filter.mine else info.context.viewer
    shape = TextbookListShape(
        levels=filter.jlpt_levels is not None,
        topic=filter.topic is not None,
        search=filter.search is not None,
        mine=filter.mine,
        signed_in=viewer is not None,
    )
    return await info.context.reads.page(
        textbook_listing(shape),
        arguments,
        levels=level_values(filter.jlpt_levels),
        topic=filter.topic,
        search=search_terms("search", filter.search),
        viewer_id=viewer.id if viewer else None,
    )


async def textbook(info: Info, id: GlobalId) -> TextbookRow | None:
    return await info.context.loaders.textbooks.textbook_by_id.load(parse_id_of("Textbook", id))


async def description(parent: strawberry.Parent[TextbookRow], info: Info) -> str:
    row = await info.context.loaders.textbooks.description_by_textbook_id.load(parent.id)
    return row.description if row else ""


async def owner(parent: strawberry.Parent[TextbookRow], info: Info) -> UserRow | None:
    if parent.owner_id is None:
        return None
    return await info.context.loaders.users.user_by_id.load(parent.owner_id)


async def chapter_count(parent: strawberry.Parent[TextbookRow], info: Info) -> int:
    row = await info.context.loaders.textbooks.chapter_count_by_textbook_id.load(parent.id)
    return row.count if row else 0


async def chapters(parent: strawberry.Parent[TextbookRow], info: Info) -> list[ChapterRow]:
    return await info.context.loaders.textbooks.chapters_by_textbook_id.load(parent.id)


async def job(parent: strawberry.Parent[TextbookRow], info: Info) -> JobRow | None:
    return await info.context.loaders.jobs.job_by_textbook_id.load(parent.id)


async def chapter_textbook(parent: strawberry.Parent[ChapterRow], info: Info) -> TextbookRow | None:
    return await info.context.loaders.textbooks.textbook_by_id.load(parent.textbook_id)


async def chapter_content(parent: strawberry.Parent[ChapterRow], info: Info) -> str:
    row = await info.context.loaders.textbooks.content_by_chapter_id.load(parent.id)
    return row.content if row else ""


async def chapter_vocabulary(parent: strawberry.Parent[ChapterRow], info: Info) -> list[ChapterVocabularyRow]:
    return await info.context.loaders.textbooks.vocabulary_by_chapter_id.load(parent.id)
