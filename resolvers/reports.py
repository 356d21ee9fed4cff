"""Resolvers of reports of mistakes in the content."""

import strawberry

from db.core.pagination import Page
from db.queries.reports import ReportFilter, ReportRow, paged_reports
from db.queries.reports import own_reports as paged_own_reports
from domain.enums import ReportedType
from domain.ids import global_id
from domain.pages import page_arguments
from domain.reports import TYPE_NAMES
from resolvers.context import Info
from resolvers.loader_field import load_by_key
from resolvers.nodes import load_node


async def reports(
    info: Info, first: int | None = None, after: str | None = None, filter: ReportFilter | None = None
) -> Page[ReportRow]:
    filter = filter or ReportFilter()
    viewer_id = info.context.require_viewer().id
    return await info.context.reads.page(
        paged_reports(filter), page_arguments(first, after), **filter.parameters(), viewer_id=viewer_id
    )


async def own_reports(info: Info, first: int | None = None, after: str | None = None) -> Page[ReportRow]:
    viewer_id = info.context.require_viewer().id
    return await info.context.reads.page(paged_own_reports, page_arguments(first, after), viewer_id=viewer_id)


def object_id(parent: strawberry.Parent[ReportRow]) -> str:
    return global_id(TYPE_NAMES[ReportedType(parent.type)], parent.object_id)


async def reported_object(parent: strawberry.Parent[ReportRow], info: Info) -> object | None:
    """None if it was deleted or is hidden from the viewer."""
    return await load_node(info.context.loaders, TYPE_NAMES[ReportedType(parent.type)], parent.object_id)


def position(parent: strawberry.Parent[ReportRow]) -> int | None:
    return parent.place if parent.type == ReportedType.SENTENCE else None


def page(parent: strawberry.Parent[ReportRow]) -> int | None:
    return parent.place if parent.type == ReportedType.BOOK_PAGE else None


assignee = load_by_key(lambda loaders: loaders.users.user_by_id, key="assignee_id")
