"""Arguments and fields of Relay connections."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import strawberry

from db.core.pagination import TOTAL, Page
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
_OBJECT_PATH = ((),)
_OF_CONNECTION = {"totalCount": TOTAL}


def row_columns(info: Info) -> frozenset[str] | None:
    """Return the columns that the operation reads of the rows of a connection, with `TOTAL` if it selects totalCount;
    None if they are unknown.
    """
    return selected_attributes(info, _ROW_PATHS, _OF_CONNECTION)


def selects_description(info: Info) -> bool:
    """Return whether the operation reads the description of the object that the field returns."""
    return "description" in (selected_attributes(info, _OBJECT_PATH) or ())


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


def total_count(parent: strawberry.Parent[Page[Any]]) -> int | Awaitable[int]:
    return parent.count() if parent.total is None else parent.total


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
