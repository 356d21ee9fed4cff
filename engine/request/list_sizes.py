"""List sizes and weights of argument values, by the operation's literals and variables."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from graphql import (
    FieldNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
)

from engine.request.field_costs import FieldCost, Slice
from engine.request.input_weights import InputWeight

# A variable and the path inside of its value; None for a variable of @skip or @include.
_Read = tuple[str, tuple[str, ...] | None]


class Sizes:
    """For one operation. Records what it reads of the variables, so that costs can be cached by that."""

    def __init__(self) -> None:
        self._reads: dict[_Read, None] = {}
        # Variables whose values have a weight.
        self._weights: dict[tuple[str, InputWeight], None] = {}

    def __len__(self) -> int:
        return len(self._reads) + len(self._weights)

    def key(self, variables: Mapping[str, object]) -> tuple[object, ...]:
        """The part of the variables that the cost depends on. Complete after the first analysis."""
        if not self._reads and not self._weights:
            return ()
        found = [
            variables.get(name) if path is None else _count(variables.get(name), path) for name, path in self._reads
        ]
        if self._weights:
            found += [weight.of(variables.get(name)) for name, weight in self._weights]
        return tuple(found)

    def flag(self, name: str, variables: Mapping[str, object]) -> bool:
        """The variable of @skip or @include."""
        self._reads[name, None] = None
        return variables.get(name) is True

    def size(self, node: FieldNode, cost: FieldCost, variables: Mapping[str, object], most: int) -> int | Fraction:
        """The largest of the given slicing arguments. `most`: larger values are rejected later."""
        found = None
        for slicing in cost.slices:
            size = self._of_argument(node, slicing, variables)
            if size is None:
                size = slicing.default
            if size is not None and (found is None or size > found):
                found = size
        if found is None:
            return cost.assumed_size or 0
        return min(max(found, 0), most)

    def input_weight(self, node: FieldNode, cost: FieldCost, variables: Mapping[str, object]) -> int:
        """The weight of the field's argument values."""
        return sum(
            self._weight(argument.value, cost.inputs[argument.name.value], variables)
            for argument in node.arguments or ()
            if argument.name.value in cost.inputs
        )

    def _weight(self, value: ValueNode, weight: InputWeight, variables: Mapping[str, object]) -> int:
        if isinstance(value, VariableNode):
            self._weights[value.name.value, weight] = None
            return weight.of(variables.get(value.name.value))
        if isinstance(value, NullValueNode):
            return 0
        if isinstance(value, ListValueNode):
            return weight.own + sum(self._weight(item, weight.items, variables) for item in value.values)
        if isinstance(value, ObjectValueNode) and weight.fields:
            return weight.own + sum(
                self._weight(field.value, weight.fields[field.name.value], variables)
                for field in value.fields
                if field.name.value in weight.fields
            )
        return weight.own + weight.each

    def _of_argument(self, node: FieldNode, slicing: Slice, variables: Mapping[str, object]) -> int | None:
        name, *path = slicing.path
        for argument in node.arguments or ():
            if argument.name.value == name:
                return self._of_literal(argument.value, tuple(path), slicing, variables)
        return None

    def _of_literal(
        self, value: ValueNode, path: tuple[str, ...], slicing: Slice, variables: Mapping[str, object]
    ) -> int | None:
        if isinstance(value, VariableNode):
            self._reads[value.name.value, path] = None
            return _count(variables.get(value.name.value), path)
        if isinstance(value, NullValueNode):
            return None
        if isinstance(value, ListValueNode):
            if path or slicing.is_nested:
                return sum(self._of_item(item, path, slicing, variables) for item in value.values)
            return len(value.values)
        if path:
            if isinstance(value, ObjectValueNode):
                for field in value.fields:
                    if field.name.value == path[0]:
                        return self._of_literal(field.value, path[1:], slicing, variables)
            return None
        # A single value is coerced to a list.
        return int(value.value) if isinstance(value, IntValueNode) and not slicing.is_list else 1

    def _of_item(self, item: ValueNode, path: tuple[str, ...], slicing: Slice, variables: Mapping[str, object]) -> int:
        size = self._of_literal(item, path, slicing, variables)
        # A null in a list of lists is an item, too.
        return (0 if path else 1) if size is None else size


def variable_size(
    node: FieldNode, cost: FieldCost, most: int
) -> Callable[[Mapping[str, object]], int | Fraction] | None:
    """Return `Sizes.size` as a function of the variables, for the common case that one of them is the only slicing
    argument with a value; None otherwise.
    """
    values = {argument.name.value: argument.value for argument in node.arguments or ()}
    # Others have no value.
    slices = [slicing for slicing in cost.slices if slicing.path[0] in values or slicing.default is not None]
    if len(slices) != 1 or len(slices[0].path) != 1:
        return None
    [slicing] = slices
    value, default = values.get(slicing.path[0]), slicing.default
    if not isinstance(value, VariableNode):
        return None
    name = value.name.value
    # As it is without a value.
    missing: int | Fraction = (cost.assumed_size or 0) if default is None else min(max(default, 0), most)

    def size(variables: Mapping[str, object]) -> int | Fraction:
        found = _count(variables.get(name), ())
        return missing if found is None else min(max(found, 0), most)

    return size


def _count(value: object, path: tuple[str, ...]) -> int | None:
    """The size that a coerced value stands for: the length of a list including nested ones, or an integer."""
    if isinstance(value, list):
        if path:
            return sum(_count(item, path) or 0 for item in value)
        if value and isinstance(value[0], list):
            return sum(len(item) if isinstance(item, list) else 1 for item in value)
        return len(value)
    if path:
        return _count(value.get(path[0]), path[1:]) if isinstance(value, dict) else None
    return value if type(value) is int else None
