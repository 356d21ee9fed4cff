"""Resolvers of the viewer."""

from datetime import datetime
from typing import Annotated

import strawberry

from db.core.pagination import Page
from db.queries.cards import CardListShape, CardRow, paged_cards, paged_due_cards
from db.queries.jobs import JobRow, paged_jobs
from db.queries.reading import BookProgressRow, paged_reading_progress
from db.queries.reviews import ReviewRow, paged_reviews
from db.queries.textbooks import TextbookListShape, TextbookRow, paged_textbooks
from db.queries.users import AccountRow, StudySettingsRow
from domain.enums import JobStatus, ReadingStatus
from domain.errors import NotFound
from domain.pages import page_arguments
from domain.viewer import Dashboard, Viewer
from resolvers.connections import After, First
from resolvers.context import Info
from resolvers.filters import CardFilter, level_values


def viewer(info: Info) -> Viewer | None:
    return info.context.viewer


async def user(parent: strawberry.Parent[Viewer], info: Info) -> AccountRow:
    account = await info.context.loaders.users.account_by_id.load(parent.id)
    if account is None:
        raise NotFound("Account not found.")
    return account


async def email(parent: strawberry.Parent[Viewer], info: Info) -> str:
    return (await user(parent, info)).email


async def settings(parent: strawberry.Parent[Viewer], info: Info) -> StudySettingsRow:
    settings = await info.context.loaders.users.settings_by_user_id.load(parent.id)
    if settings is None:
        raise NotFound("Settings not found.")
    return settings


def dashboard(parent: strawberry.Parent[Viewer]) -> Dashboard:
    return Dashboard(parent.id)


async def due_cards(
    parent: strawberry.Parent[Viewer], info: Info, first: First = None, after: After = None
) -> Page[CardRow]:
    return await info.context.reads.page(
        paged_due_cards, page_arguments(first, after), viewer_id=parent.id, now=info.context.now
    )


async def cards(
    parent: strawberry.Parent[Viewer],
    info: Info,
    first: First = None,
    after: After = None,
    filter: Annotated[CardFilter | None, strawberry.argument(description="Filters of a list of cards.")] = None,
) -> Page[CardRow]:
    filter = filter or CardFilter()
    shape = CardListShape(
        state=filter.state is not None, levels=filter.jlpt_levels is not None, suspended=filter.suspended
    )
    return await info.context.reads.page(
        paged_cards(shape),
        page_arguments(first, after),
        viewer_id=parent.id,
        state=filter.state,
        levels=level_values(filter.jlpt_levels),
    )


async def reading_progress(
    parent: strawberry.Parent[Viewer],
    info: Info,
    first: First = None,
    after: After = None,
    status: Annotated[ReadingStatus | None, strawberry.argument(description="Filter by reading status.")] = None,
) -> Page[BookProgressRow]:
    return await info.context.reads.page(
        paged_reading_progress(status), page_arguments(first, after), viewer_id=parent.id
    )


async def textbooks(
    parent: strawberry.Parent[Viewer], info: Info, first: First = None, after: After = None
) -> Page[TextbookRow]:
    listing = paged_textbooks(TextbookListShape(mine=True, signed_in=True))
    return await info.context.reads.page(listing, page_arguments(first, after), viewer_id=parent.id)


async def reviews(
    parent: strawberry.Parent[Viewer],
    info: Info,
    first: First = None,
    after: After = None,
    from_: Annotated[
        datetime | None, strawberry.argument(name="from", description="Inclusive lower bound of the review time.")
    ] = None,
    to: Annotated[datetime | None, strawberry.argument(description="Exclusive upper bound of the review time.")] = None,
) -> Page[ReviewRow]:
    return await info.context.reads.page(
        paged_reviews(has_from=from_ is not None, has_to=to is not None),
        page_arguments(first, after),
        viewer_id=parent.id,
        from_moment=from_,
        to_moment=to,
    )


async def jobs(
    parent: strawberry.Parent[Viewer],
    info: Info,
    first: First = None,
    after: After = None,
    status: Annotated[JobStatus | None, strawberry.argument(description="Filter by status.")] = None,
) -> Page[JobRow]:
    return await info.context.reads.page(
        paged_jobs(has_status=status is not None), page_arguments(first, after), viewer_id=parent.id, status=status
    )
