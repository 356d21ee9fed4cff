"""Relay connections."""

from typing import Generic, TypeVar

import strawberry

from resolvers import connections as resolve_pages
from schema.directives import Cost

NodeT = TypeVar("NodeT")
# A type variable is a type only in annotations.
_NODE_TYPE: object = NodeT


@strawberry.type(description="Pagination information of a connection.")
class PageInfo:
    has_next_page = strawberry.field(
        resolver=resolve_pages.has_next_page, graphql_type=bool, description="Whether there are items after this page."
    )
    has_previous_page = strawberry.field(
        resolver=resolve_pages.has_previous_page,
        graphql_type=bool,
        description="Whether there are items before this page.",
    )
    start_cursor = strawberry.field(
        resolver=resolve_pages.start_cursor,
        graphql_type=str | None,
        description="The cursor of the first item.",
        directives=[Cost(weight="3")],
    )
    end_cursor = strawberry.field(
        resolver=resolve_pages.end_cursor,
        graphql_type=str | None,
        description="The cursor of the last item; pass it as `after` to get the next page.",
        directives=[Cost(weight="3")],
    )


@strawberry.type(description="An item and its cursor.")
class Edge(Generic[NodeT]):
    cursor = strawberry.field(
        resolver=resolve_pages.cursor,
        graphql_type=str,
        description="Opaque cursor.",
        directives=[Cost(weight="3")],
    )
    node = strawberry.field(
        resolver=resolve_pages.node,
        graphql_type=_NODE_TYPE,
        description="The item.",
    )


@strawberry.type(description="A page of a list.")
class Connection(Generic[NodeT]):
    edges = strawberry.field(
        resolver=resolve_pages.edges, graphql_type=list[Edge[NodeT]], description="The items with their cursors."
    )
    nodes = strawberry.field(
        resolver=resolve_pages.nodes, graphql_type=list[NodeT], description="The items without their cursors."
    )
    page_info = strawberry.field(
        resolver=resolve_pages.page_info, graphql_type=PageInfo, description="Pagination information."
    )
    total_count = strawberry.field(
        resolver=resolve_pages.total_count,
        graphql_type=int,
        description="Total number of items; computed only when requested.",
    )
