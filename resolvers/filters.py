"""Descriptions of arguments that filter lists, taken from the declarations of the filters."""

import strawberry
from strawberry.types.arguments import StrawberryArgumentAnnotation

from db.core.filters import ListFilter


def describe(
    filter: type[ListFilter], field: str | None = None, *, name: str | None = None
) -> StrawberryArgumentAnnotation:
    """Annotate an argument that takes a whole filter, or one field of it. `name`: of the argument, if it differs."""
    description = filter.__doc__ if field is None else filter.filters[field].description
    return strawberry.argument(description=description, name=name)
