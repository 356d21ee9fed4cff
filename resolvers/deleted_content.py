"""Resolvers of deleted content, for editors."""

from datetime import datetime

import strawberry

from db.core.pagination import Page
from db.queries.deleted_content import DeletedRow, paged_deleted
from domain.enums import DeletedType
from domain.ids import global_id
from domain.pages import page_arguments
from domain.retention import DELETED_ROW_RETENTION
from resolvers.context import Info


async def deleted(
    info: Info, type: DeletedType, first: int | None = None, after: str | None = None
) -> Page[DeletedRow]:
    return await info.context.reads.page(paged_deleted(type), page_arguments(first, after))


def object_id(parent: strawberry.Parent[DeletedRow]) -> str:
    return global_id(parent.type.capitalize(), parent.id)


def purged_at(parent: strawberry.Parent[DeletedRow]) -> datetime:
    return parent.deleted_at + DELETED_ROW_RETENTION
