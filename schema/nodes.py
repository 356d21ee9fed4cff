"""Relay's Node interface."""

from typing import Any

import strawberry

from engine.run.is_type_of import InstanceOf
from resolvers import nodes as resolve_nodes


@strawberry.interface(description="An object with a global id.")
class Node:
    id = strawberry.field(
        resolver=resolve_nodes.id, graphql_type=strawberry.ID, description="A global id; opaque, do not parse."
    )

    @classmethod
    def resolve_type(cls, found: object, *_: Any) -> str:
        return resolve_nodes.get_type_name(found)


def is_row(*rows: type[object]) -> InstanceOf:
    """Make an `is_type_of`: resolvers return rows and domain values, not instances of the GraphQL types."""
    return InstanceOf(*rows)
