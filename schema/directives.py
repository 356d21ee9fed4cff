"""Directives of the schema."""

from typing import Any

import strawberry
from graphql import GraphQLEnumValue, GraphQLField, GraphQLObjectType
from strawberry import UNSET
from strawberry.schema_directive import Location

from domain.enums import CacheControlScope
from engine.caching.policy import CachePolicy
from engine.request.field_costs import Weighted
from schema import enums as _enums  # noqa: F401  # gives the domain's enums their descriptions


@strawberry.schema_directive(
    locations=[
        Location.ARGUMENT_DEFINITION,
        Location.ENUM,
        Location.FIELD_DEFINITION,
        Location.INPUT_FIELD_DEFINITION,
        Location.OBJECT,
        Location.SCALAR,
    ],
    description=(
        "The cost of resolving a field once, or of each value of a type, an argument or an input field. "
        "The default is 1 for objects and 0 otherwise."
    ),
)
class Cost:
    weight: str = strawberry.directive_field(name="weight")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="Maximum size of a list, by which the cost of an item is multiplied.",
)
class ListSize:
    assumed_size: int | None = strawberry.directive_field(name="assumedSize", default=UNSET)
    slicing_arguments: list[str] | None = strawberry.directive_field(name="slicingArguments", default=UNSET)
    sized_fields: list[str] | None = strawberry.directive_field(name="sizedFields", default=UNSET)
    require_one_slicing_argument: bool | None = strawberry.directive_field(
        name="requireOneSlicingArgument", default=True
    )


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT],
    description="Cache policy of a field or type.",
)
class CacheControl:
    max_age: int = strawberry.directive_field(name="maxAge")
    scope: CacheControlScope = strawberry.directive_field(name="scope", default=CacheControlScope.PUBLIC)


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description=(
        "Null only if `errors` has an error with this path. `levels`: 0 is the field itself, 1 the items of its list."
    ),
)
class SemanticNonNull:
    levels: list[int | None] | None = strawberry.directive_field(name="levels", default=(0,))


# An error sets only this field to null, not its parent.
NULL_ON_ERROR = SemanticNonNull(levels=UNSET)


@strawberry.schema_directive(
    locations=[
        Location.ARGUMENT_DEFINITION,
        Location.ENUM_VALUE,
        Location.FIELD_DEFINITION,
        Location.INPUT_FIELD_DEFINITION,
    ],
    name="sunset",
    description=(
        "A deprecated part no longer exists from the day `on`. `since`: the day on which it was deprecated. "
        "`replacement`: coordinates of what to use instead."
    ),
)
class SunsetDirective:
    on: str
    since: str
    replacement: str | None = strawberry.directive_field(name="replacement", default=UNSET)


class SchemaCachePolicies:
    """Cache policies from `@cacheControl`.

    `viewer_arguments` and `viewer_values`: per-viewer arguments, and arguments with per-viewer values, by field
    coordinates.
    """

    def __init__(
        self,
        viewer_arguments: dict[str, tuple[tuple[str, ...], ...]],
        viewer_values: dict[str, tuple[tuple[str, object], ...]],
    ) -> None:
        self._viewer_arguments = viewer_arguments
        self._viewer_values = viewer_values

    def of_field(self, type_: GraphQLObjectType, name: str, field: GraphQLField) -> CachePolicy | None:
        coordinates = f"{type_.name}.{name}"
        return _policy_of(field, self._viewer_arguments.get(coordinates, ()), self._viewer_values.get(coordinates, ()))

    def of_type(self, type_: GraphQLObjectType) -> CachePolicy | None:
        return _policy_of(type_)


def _policy_of(
    element: GraphQLField | GraphQLObjectType,
    viewer_arguments: tuple[tuple[str, ...], ...] = (),
    viewer_values: tuple[tuple[str, object], ...] = (),
) -> CachePolicy | None:
    for directive in directives_of(element):
        if isinstance(directive, CacheControl):
            is_private = directive.scope is CacheControlScope.PRIVATE
            return CachePolicy(directive.max_age, is_private, viewer_arguments, viewer_values)
    return None


def directives_of(element: Weighted | GraphQLEnumValue) -> Any:
    definition = element.extensions.get("strawberry-definition")
    return () if definition is None else definition.directives or ()
