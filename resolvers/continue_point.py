"""Resolvers of the place at which the viewer continues."""

from dataclasses import dataclass

import strawberry

from db.queries.reading import BookProgressRow, ReadingFilter, paged_reading_progress
from db.queries.textbook_progress import chapter_to_continue
from db.queries.textbooks import ChapterRow
from domain.enums import ReadingStatus
from domain.ids import UserId
from domain.pages import page_arguments
from domain.viewer import Viewer
from resolvers.context import Info
from resolvers.study import StudySession, find_session


@dataclass(frozen=True, slots=True)
class ContinuePoint:
    """Where a learner stopped."""

    user_id: UserId


def continue_point(parent: strawberry.Parent[Viewer]) -> ContinuePoint:
    return ContinuePoint(parent.id)


async def book(parent: strawberry.Parent[ContinuePoint], info: Info) -> BookProgressRow | None:
    query = paged_reading_progress(ReadingFilter(ReadingStatus.READING))
    page = await info.context.reads.page(query, page_arguments(1), viewer_id=parent.user_id)
    return page.rows[0] if page.rows else None


async def chapter(parent: strawberry.Parent[ContinuePoint], info: Info) -> ChapterRow | None:
    return await info.context.reads.row(chapter_to_continue, viewer_id=parent.user_id)


async def due_cards(parent: strawberry.Parent[ContinuePoint], info: Info) -> int:
    return (await info.context.loaders.dashboard.totals_by_user_id.load(parent.user_id)).due_now


async def study_session(parent: strawberry.Parent[ContinuePoint], info: Info) -> StudySession:
    return await find_session(info, parent.user_id)
