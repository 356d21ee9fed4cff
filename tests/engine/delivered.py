"""Counts the objects and items of a response, to compare them with its cost."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_object_type,
)

from engine.request.field_costs import FieldCost, FieldCosts
from engine.request.list_sizes import Sizes

# The number of characters per unit of weight.
CHARACTERS = 100


def delivered(data: dict[str, Any]) -> int:
    """The number of objects below the root and of items that are no objects."""
    return sum(_count(value) for value in data.values())


def _count(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_count, value.values()))
    if isinstance(value, list):
        return sum(max(_count(item), 1) for item in value)
    return 0


class Deliveries:
    """Finds what exceeds the schema's declarations: longer lists and longer strings."""

    def __init__(self, costs: FieldCosts, document: DocumentNode, variables: dict[str, Any]) -> None:
        self._costs = costs
        self._variables = variables
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def excesses(self, operation: OperationDefinitionNode, data: dict[str, Any]) -> Iterator[str]:
        root = self._costs.schema.get_root_type(operation.operation)
        assert root is not None
        yield from self._object(operation.selection_set, root, data, {}, set())

    def _object(
        self,
        node: SelectionSetNode,
        type_: GraphQLObjectType,
        data: dict[str, Any],
        sized: dict[str, int],
        spread: set[str],
    ) -> Iterator[str]:
        """`spread`: fragments already visited for the object."""
        for selection in node.selections:
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                if data.get(key) is not None:
                    yield from self._field(selection, type_, data[key], sized)
                continue
            if isinstance(selection, FragmentSpreadNode):
                if selection.name.value in spread:
                    continue
                spread.add(selection.name.value)
                fragment = self.fragments[selection.name.value]
                condition, inner = fragment.type_condition.name.value, fragment.selection_set
            else:
                assert isinstance(selection, InlineFragmentNode)
                condition = selection.type_condition.name.value if selection.type_condition else type_.name
                inner = selection.selection_set
            found = self._costs.schema.get_type(condition)
            if found is type_ or (is_abstract_type(found) and self._costs.schema.is_sub_type(found, type_)):
                yield from self._object(inner, type_, data, sized, spread)

    def _field(self, node: FieldNode, type_: GraphQLObjectType, value: Any, sized: dict[str, int]) -> Iterator[str]:
        name = node.name.value
        cost = None if name.startswith("__") else self._costs.of(type_, name)
        if cost is None:
            return
        size = int(Sizes().size(node, cost, self._variables, self._costs.max_size))
        if isinstance(value, list):
            most = sized.get(name, size)
            if len(value) > most:
                yield f"{type_.name}.{name} has {len(value)} items, and {most} are declared"
        below = dict.fromkeys(cost.sized_fields, size)
        field = self._costs.schema.get_field(type_, name)
        assert field is not None
        named = get_named_type(field.type)
        for item in value if isinstance(value, list) else [value]:
            yield from self._value(node, f"{type_.name}.{name}", cost, named, item, below)

    def _value(
        self,
        node: FieldNode,
        coordinate: str,
        cost: FieldCost,
        named: GraphQLNamedType,
        value: Any,
        sized: dict[str, int],
    ) -> Iterator[str]:
        if isinstance(value, dict) and node.selection_set is not None:
            # If the response does not tell the type, its fields are not compared with declarations.
            name = value.get("__typename", named.name)
            type_ = self._costs.schema.get_type(name) if isinstance(name, str) else None
            if is_object_type(type_):
                yield from self._object(node.selection_set, type_, value, sized, set())
        elif isinstance(value, str) and len(value) > CHARACTERS * max(cost.weight, 1):
            yield f"{coordinate} has {len(value)} characters, and its weight is {cost.weight}"
