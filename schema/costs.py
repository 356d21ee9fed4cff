"""What operations cost, as `@cost` and `@listSize` declare it.

A weight stands for at most 100 characters of text: so much belongs to an object or an item, and a longer text has a
weight of one for each 100 characters that it can have. So the limit of the cost bounds the size of an answer, too.
"""

from typing import Any

from graphql import GraphQLField

from domain.list_sizes import MAX_CREATED_CARDS
from engine.request.field_costs import FieldCosts, Weighted
from engine.request.field_costs import ListSize as DeclaredSize
from schema.build import schema
from schema.directives import Cost, ListSize, directives_of


class DeclaredCosts:
    """What Strawberry's types declare. Raises ValueError for a weight that is not a whole number."""

    def weight_of(self, element: Weighted) -> int | None:
        for directive in directives_of(element):
            if isinstance(directive, Cost):
                if not directive.weight.isdecimal():
                    raise ValueError(f"@cost(weight: {directive.weight!r}) is not a whole number.")
                return int(directive.weight)
        return None

    def list_size_of(self, field: GraphQLField) -> DeclaredSize | None:
        for directive in directives_of(field):
            if isinstance(directive, ListSize):
                return DeclaredSize(
                    _given(directive.assumed_size, None),
                    tuple(_given(directive.slicing_arguments, ())),
                    tuple(_given(directive.sized_fields, ())),
                    directive.require_one_slicing_argument is not False,
                )
        return None


def _given(value: Any, otherwise: Any) -> Any:
    return value or otherwise


# No argument that says how long a list is may be larger than that of `createCards(input: {limit: 5000})`.
COSTS = FieldCosts(schema._schema, DeclaredCosts(), max_size=MAX_CREATED_CARDS)
