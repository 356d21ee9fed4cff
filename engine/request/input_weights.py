"""The cost of argument values, declared by `@cost` on arguments, input fields, enums and scalars."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    get_named_type,
)

_Element = GraphQLArgument | GraphQLInputField
WeightOf = Callable[[_Element | GraphQLNamedType], int | None]


@dataclass(frozen=True, slots=True, eq=False)
class InputWeight:
    """The weights of an argument or input field.

    `own`: each time it has a value. `each`: of each leaf value in it. `fields`: of an input object, those with a
    weight. `items`: of list items.
    """

    own: int
    each: int
    fields: Mapping[str, "InputWeight"]
    items: "InputWeight" = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", InputWeight(0, self.each, self.fields) if self.own else self)

    def of(self, value: object) -> int:
        """The weight of a coerced value; that of null is 0."""
        if value is None:
            return 0
        if isinstance(value, list):
            return self.own + sum(map(self.items.of, value))
        if isinstance(value, dict) and self.fields:
            return self.own + sum(weight.of(value.get(name)) for name, weight in self.fields.items())
        return self.own + self.each


class InputWeights:
    """The weights of a schema. `weight_of`: of an element's `@cost`; None without one."""

    def __init__(self, weight_of: WeightOf) -> None:
        self._weight_of = weight_of
        # Input objects may be recursive.
        self._fields: dict[str, dict[str, InputWeight]] = {}

    def of(self, element: _Element) -> InputWeight | None:
        """None if no value has a weight."""
        named = get_named_type(element.type)
        own, each = self._weight_of(element) or 0, self._weight_of(named) or 0
        fields = self._fields_of(named) if isinstance(named, GraphQLInputObjectType) else {}
        return InputWeight(own, each, fields) if own or each or self._weighs(named, set()) else None

    def _fields_of(self, type_: GraphQLInputObjectType) -> dict[str, InputWeight]:
        known = self._fields.get(type_.name)
        if known is None:
            known = self._fields[type_.name] = {}
            found = ((name, self.of(field)) for name, field in type_.fields.items())
            known.update((name, weight) for name, weight in found if weight is not None)
        return known

    def _weighs(self, type_: GraphQLNamedType, passed: set[str]) -> bool:
        """Whether anything inside of an input object has a weight."""
        if not isinstance(type_, GraphQLInputObjectType) or type_.name in passed:
            return False
        passed.add(type_.name)
        for input_field in type_.fields.values():
            named = get_named_type(input_field.type)
            if self._weight_of(input_field) or self._weight_of(named) or self._weighs(named, passed):
                return True
        return False
