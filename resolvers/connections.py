"""Arguments and fields of Relay connections."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import strawberry

from db.core.pagination import Page
from db.core.statement import Row
from domain.pages import PageArguments, page_arguments
from engine.plan.selected_attributes import reads_attributes, selected_attributes
from resolvers.context import Info


@dataclass(frozen=True, slots=True)
class Edge:
    """An item and its page, which computes the cursor."""

    page: Page[Any]
    node: Row


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Pagination information of a connection."""

    page: Page[Any]


# From a connection to its rows.
_ROW_PATHS = (("nodes",), ("edges", "node"))


def row_columns(info: Info) -> frozenset[str] | None:
    """Return the columns that the operation reads of the rows of a connection; None if they are unknown."""
    return selected_attributes(info, _ROW_PATHS)


@reads_attributes("id")
def nested_page_key(
    parent: strawberry.Parent[Any], info: Info, first: int | None = None, after: str | None = None
) -> tuple[UUID, PageArguments]:
    """The loader key of a page below its parent row."""
    return parent.id, page_arguments(first, after)


def edges(parent: strawberry.Parent[Page[Any]]) -> list[Edge]:
    return [Edge(parent, row) for row in parent.rows]


def nodes(parent: strawberry.Parent[Page[Any]]) -> Sequence[Row]:
    return parent.rows


def page_info(parent: strawberry.Parent[Page[Any]]) -> PageInfo:
    return PageInfo(parent)


async def total_count(parent: strawberry.Parent[Page[Any]]) -> int:
    return await parent.count()


def cursor(parent: strawberry.Parent[Edge]) -> str:
    return parent.page.ordering.cursor(parent.node)


def node(parent: strawberry.Parent[Edge]) -> Row:
    return parent.node


def has_next_page(parent: strawberry.Parent[PageInfo]) -> bool:
    return parent.page.has_next


def has_previous_page(parent: strawberry.Parent[PageInfo]) -> bool:
    return parent.page.has_previous


def start_cursor(parent: strawberry.Parent[PageInfo]) -> str | None:
    return _cursor_at(parent.page, 0)


def end_cursor(parent: strawberry.Parent[PageInfo]) -> str | None:
    return _cursor_at(parent.page, -1)


def _cursor_at(page: Page[Any], index: int) -> str | None:
    return page.ordering.cursor(page.rows[index]) if page.rows else None
