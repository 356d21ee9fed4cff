"""Resolvers of the viewer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from db.core.pagination import Page
from db.queries.analyzed_texts import AnalyzedTextRow, paged_analyzed_texts
from db.queries.card_lists import DeletedCardRow, paged_cards, paged_deleted_cards, paged_due_cards
from db.queries.card_tags import CardTagRow, own_tags
from db.queries.cards import CardFilter, CardRow
from db.queries.imports import ImportRow, paged_imports
from db.queries.jobs import JobFilter, JobRow, paged_jobs
from db.queries.reading import BookProgressRow, ReadingFilter, paged_reading_progress
from db.queries.reviews import ReviewFilter, ReviewRow, paged_reviews
from db.queries.textbooks import TextbookFilter, TextbookRow, paged_textbooks
from db.queries.users import AccountRow, StudySettingsRow
from domain.accounts import AccountDeletion
from domain.card_tags import DEFAULT_TAGS, MAX_TAGS_OF_LEARNER
from domain.enums import CardOrder, JobKind, JobStatus, ReadingStatus
from domain.errors import NotFound
from domain.pages import page_arguments
from domain.ranges import check_range
from domain.viewer import Dashboard, Viewer
from resolvers.connections import row_columns
from resolvers.context import Info


def viewer(info: Info) -> Viewer | None:
    return info.context.viewer


async def user(parent: strawberry.Parent[Viewer], info: Info) -> AccountRow:
    account = await info.context.loaders.users.account_by_id.load(parent.id)
    if account is None:
        raise NotFound("Account not found.")
    return account


async def email(parent: strawberry.Parent[Viewer], info: Info) -> str:
    return (await user(parent, info)).email


async def locale(parent: strawberry.Parent[Viewer], info: Info) -> str | None:
    return (await user(parent, info)).locale


async def deletion(parent: strawberry.Parent[Viewer], info: Info) -> AccountDeletion | None:
    deleted_at = (await user(parent, info)).deleted_at
    return None if deleted_at is None else AccountDeletion(deleted_at)


async def settings(parent: strawberry.Parent[Viewer], info: Info) -> StudySettingsRow:
    settings = await info.context.loaders.users.settings_by_user_id.load(parent.id)
    if settings is None:
        raise NotFound("Settings not found.")
    return settings


def dashboard(parent: strawberry.Parent[Viewer]) -> Dashboard:
    return Dashboard(parent.id)


async def due_cards(
    parent: strawberry.Parent[Viewer],
    info: Info,
    first: int | None = None,
    after: str | None = None,
    filter: CardFilter | None = None,
    order_by: CardOrder | None = None,
) -> Page[CardRow]:
    filter = filter or CardFilter()
    paged_query = paged_due_cards(filter, order_by or CardOrder.DUE_FIRST).with_columns(row_columns(info))
    values = {**filter.parameters(), "viewer_id": parent.id, "now": info.context.now}
    return await info.context.reads.page(paged_query, page_arguments(first, after), **values)


async def cards(
    parent: strawberry.Parent[Viewer],
    info: Info,
    first: int | None = None,
    after: str | None = None,
    filter: CardFilter | None = None,
    order_by: CardOrder | None = None,
) -> Page[CardRow]:
    filter = filter or CardFilter()
    paged_query = paged_cards(filter, order_by or CardOrder.NEWEST).with_columns(row_columns(info))
    return await info.context.reads.page(
        paged_query, page_arguments(first, after), **filter.parameters(), viewer_id=parent.id, now=info.context.now
    )


async def deleted_cards(
    parent: strawberry.Parent[Viewer], info: Info, first: int | None = None, after: str | None = None
) -> Page[DeletedCardRow]:
    return await info.context.reads.page(paged_deleted_cards, page_arguments(first, after), viewer_id=parent.id)


async def card_tags(parent: strawberry.Parent[Viewer], info: Info, first: int | None = None) -> Sequence[CardTagRow]:
    size = DEFAULT_TAGS if first is None else first
    check_range("first", size, 1, MAX_TAGS_OF_LEARNER)
    return await info.context.reads.rows(own_tags, viewer_id=parent.id, first=size)


async def reading_progress(
    parent: strawberry.Parent[Viewer],
    info: Info,
    first: int | None = None,
    after: str | None = None,
    status: ReadingStatus | None = None,
) -> Page[BookProgressRow]:
    return await info.context.reads.page(
        paged_reading_progress(ReadingFilter(status)), page_arguments(first, after), viewer_id=parent.id
    )


async def textbooks(
    parent: strawberry.Parent[Viewer], info: Info, first: int | None = None, after: str | None = None
) -> Page[TextbookRow]:
    paged_query = paged_textbooks(TextbookFilter(mine=True), has_viewer=True)
    return await info.context.reads.page(paged_query, page_arguments(first, after), viewer_id=parent.id)


async def reviews(
    parent: strawberry.Parent[Viewer],
    info: Info,
    first: int | None = None,
    after: str | None = None,
    from_: Annotated[datetime | None, strawberry.argument(name="from")] = None,
    to: datetime | None = None,
) -> Page[ReviewRow]:
    filter = ReviewFilter(from_, to)
    return await info.context.reads.page(
        paged_reviews(filter), page_arguments(first, after), **filter.parameters(), viewer_id=parent.id
    )


async def analyzed_texts(
    parent: strawberry.Parent[Viewer], info: Info, first: int | None = None, after: str | None = None
) -> Page[AnalyzedTextRow]:
    return await info.context.reads.page(paged_analyzed_texts, page_arguments(first, after), viewer_id=parent.id)


async def imports(
    parent: strawberry.Parent[Viewer], info: Info, first: int | None = None, after: str | None = None
) -> Page[ImportRow]:
    return await info.context.reads.page(paged_imports, page_arguments(first, after), viewer_id=parent.id)


async def jobs(
    parent: strawberry.Parent[Viewer],
    info: Info,
    first: int | None = None,
    after: str | None = None,
    status: JobStatus | None = None,
    kinds: list[JobKind] | None = None,
) -> Page[JobRow]:
    filter = JobFilter(status, kinds)
    return await info.context.reads.page(
        paged_jobs(filter), page_arguments(first, after), **filter.parameters(), viewer_id=parent.id
    )
