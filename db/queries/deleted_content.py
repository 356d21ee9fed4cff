"""Queries for deleted books, textbooks and chapters, which row-level security shows to editors."""

from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import literal_column, select

from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.core.statement import Row
from db.queries.expressions import not_deleted
from db.tables.books import books
from db.tables.textbooks import chapters, textbooks
from domain.enums import DeletedType


class DeletedRow(Row):
    """A soft-deleted object. `version`: of a chapter, that of its textbook."""

    __slots__ = ()
    id: UUID
    type: DeletedType
    title: str
    version: int
    deleted_at: datetime


@cache
def paged_deleted(type: DeletedType) -> PagedQuery[DeletedRow]:
    """Last deleted first. Chapters that were deleted with their textbook are omitted."""
    table = {DeletedType.BOOK: books, DeletedType.TEXTBOOK: textbooks, DeletedType.CHAPTER: chapters}[type]
    version = textbooks.c.version if type is DeletedType.CHAPTER else table.c.version
    statement = select(
        table.c.id, literal_column(f"'{type.value}'").label("type"), table.c.title, version, table.c.deleted_at
    ).where(table.c.deleted_at.is_not(None))
    if type is DeletedType.CHAPTER:
        statement = statement.join(textbooks, textbooks.c.id == chapters.c.textbook_id).where(not_deleted(textbooks))
    ordering = Ordering(f"deleted.{type.value}", (table.c.deleted_at, table.c.id), descending=True)
    return PagedQuery(statement, ordering, DeletedRow, rls_scoped=True)
