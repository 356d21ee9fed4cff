"""Resolvers of assignments and of progress in them."""

from collections.abc import Sequence

import strawberry

from db.core.pagination import Page
from db.queries.assignments import AssignmentFilter, AssignmentProgressRow, AssignmentRow, paged_assignments
from domain.pages import page_arguments
from domain.viewer import Viewer
from loaders.assignments import MemberProgress
from resolvers.context import Info
from resolvers.loader_field import load_by_key


async def assignments(
    parent: strawberry.Parent[Viewer],
    info: Info,
    first: int | None = None,
    after: str | None = None,
    filter: AssignmentFilter | None = None,
) -> Page[AssignmentRow]:
    filter = filter or AssignmentFilter()
    return await info.context.reads.page(
        paged_assignments(filter), page_arguments(first, after), **filter.parameters(), viewer_id=parent.id
    )


group = load_by_key(lambda loaders: loaders.groups.group_by_id, key="group_id")
textbook = load_by_key(lambda loaders: loaders.textbooks.textbook_by_id, key="textbook_id")
chapter = load_by_key(lambda loaders: loaders.textbooks.chapter_by_id, key="chapter_id")
book = load_by_key(lambda loaders: loaders.books.book_by_id, key="book_id")
progress = load_by_key(lambda loaders: loaders.assignments.progress_by_assignment_id)


async def member_progress(parent: strawberry.Parent[AssignmentRow], info: Info) -> Sequence[MemberProgress]:
    """Of learners who share their progress, for teachers; empty for others."""
    return await info.context.loaders.assignments.progress_of_members.load((parent.id, parent.group_id))


def is_complete(parent: strawberry.Parent[AssignmentProgressRow | MemberProgress]) -> bool:
    return parent.percent >= 100
