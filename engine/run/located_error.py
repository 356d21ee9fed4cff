"""Errors of fields with their locations, paths and schema coordinates."""

from graphql import GraphQLError, located_error

from engine.coordinates import argument_coordinate, with_coordinate
from engine.nodes import Path, ResponsePosition, path_to_list


def locate(error: Exception, position: ResponsePosition, path: Path) -> GraphQLError:
    """The error of a field. One that was located before, below the position, is returned as it is."""
    field = position.field
    located = located_error(error, field.nodes, path_to_list(path))
    if located is error:
        return located
    coordinate = f"{field.parent_type.name}.{field.name}"
    return with_coordinate(located, argument_coordinate(coordinate, field.nodes[0], located))
