"""Schema coordinates of errors, as the GraphQL specification writes them: `Query.books(first:)`, `Book.title`."""

from collections.abc import Iterator

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLError,
    Node,
)

# An attribute of errors: `extensions` of the same error may be shared, and GraphQLError has no other room.
_ATTRIBUTE = "coordinate"


def with_coordinate(error: GraphQLError, coordinate: str | None) -> GraphQLError:
    """The error with the coordinate of the part of the schema that it is about; the first one is kept."""
    if coordinate is not None:
        vars(error).setdefault(_ATTRIBUTE, coordinate)
    return error


def coordinate_of(error: GraphQLError) -> str | None:
    """The coordinate of the error, if it has one."""
    found: str | None = vars(error).get(_ATTRIBUTE)
    return found


def argument_coordinate(field: str, node: FieldNode, error: GraphQLError) -> str:
    """The coordinate of the argument whose value the error names, or that of the field. `field`: its coordinate."""
    # Most errors name only fields. Searching long lists for each of them would take milliseconds.
    values = {id(one) for one in error.nodes or () if not isinstance(one, FieldNode)}
    for argument in node.arguments or () if values else ():
        if any(id(one) in values for one in _values_in(argument)):
            return f"{field}({argument.name.value}:)"
    return field


def _values_in(argument: ArgumentNode) -> Iterator[Node]:
    pending: list[Node] = [argument]
    for node in pending:
        yield node
        for name in ("value", "values", "fields"):
            below = getattr(node, name, None)
            pending.extend(one for one in (below if isinstance(below, tuple) else (below,)) if isinstance(one, Node))
