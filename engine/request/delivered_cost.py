"""The cost of what a response contains, by the same weights as the estimate of its operation.

Only objects with selections of objects below are visited: a list of a thousand objects with leaves takes one step.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from engine.request.field_costs import FieldCosts
from engine.request.type_conditions import applies_to

# A cached part costs this much, whatever is in it.
CACHED_PART = 1
# Memory of a node and of each child.
NODE_BYTES, CHILD_BYTES = 250, 150


class _Child(NamedTuple):
    """A response key whose value has a cost. `weight`: once, if the key is present. `below`: of each object or item."""

    key: str
    weight: int
    below: "_Node | None"


class _Node(NamedTuple):
    """`weight`: of each object, with those of its leaves that are always resolved."""

    weight: int
    children: tuple[_Child, ...]


class _Selection(NamedTuple):
    """A selection of an object, with the object types that it may apply to.

    `is_conditional`: @skip or @include may exclude it although the object is in the response.
    """

    node: SelectionSetNode
    types: tuple[GraphQLObjectType, ...]
    is_conditional: bool = False


class DeliveredCost:
    """Measures responses of one operation, whose number of fields is limited already."""

    def __init__(
        self, costs: FieldCosts, fragments: Mapping[str, FragmentDefinitionNode], operation: OperationDefinitionNode
    ) -> None:
        self._costs = costs
        self._fragments = fragments
        # Memory of all nodes.
        self.bytes = 0
        root = costs.schema.get_root_type(operation.operation)
        self._root = _Node(0, ()) if root is None else self._node((_Selection(operation.selection_set, (root,)),), 0)

    def of(self, data: Mapping[str, object]) -> int:
        """The cost of a response's data."""
        return _cost(self._root, data)

    def _node(self, selections: Sequence[_Selection], object_weight: int) -> _Node:
        fields = _Fields()
        for selection in selections:
            for type_ in selection.types:
                self._collect(fields, selection.node, type_, set(), is_conditional=selection.is_conditional)
        children = tuple(self._children(fields))
        self.bytes += NODE_BYTES + CHILD_BYTES * len(children)
        return _Node(object_weight + max(fields.leaf_weights.values(), default=0), children)

    def _children(self, fields: "_Fields") -> list[_Child]:
        found = []
        for key, occurrences in fields.occurrences.items():
            weight, item_weight, is_composite = 0, 0, False
            below: dict[int, tuple[SelectionSetNode, dict[str, GraphQLObjectType], bool]] = {}
            for node, type_, is_conditional in occurrences:
                if fields.has_leaf(type_, key):
                    continue
                cost = self._costs.of(type_, node.name.value)
                if cost is None:
                    continue
                weight = max(weight, cost.weight)
                if node.selection_set is None:
                    item_weight = max(item_weight, cost.item_weight if cost.is_list else 0)
                    continue
                is_composite = True
                item_weight = max([item_weight, *(own for _, own in cost.types)])
                # If it is the only one, it is included whenever the key is present.
                conditional = is_conditional and len(occurrences) > 1
                _, types, _ = below.setdefault(id(node.selection_set), (node.selection_set, {}, conditional))
                types.update((possible.name, possible) for possible, _ in cost.types)
            inner: _Node | None = None
            if is_composite:
                inner = self._node(
                    [_Selection(selection, (*types.values(),), when) for selection, types, when in below.values()],
                    item_weight,
                )
            elif item_weight:
                inner = _Node(item_weight, ())
            if weight or inner is not None:
                found.append(_Child(key, weight, inner))
        return found

    def _collect(
        self,
        fields: "_Fields",
        selection_set: SelectionSetNode,
        type_: GraphQLObjectType,
        spread: set[str],
        *,
        is_conditional: bool,
    ) -> None:
        for selection in selection_set.selections:
            conditional = is_conditional or bool(selection.directives)
            if isinstance(selection, FieldNode):
                fields.add(selection, type_, self._leaf_weight(selection, type_), is_conditional=conditional)
            elif isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                fragment = self._fragments[name]
                if name not in spread and applies_to(fragment.type_condition, type_, self._costs.schema):
                    spread.add(name)
                    self._collect(fields, fragment.selection_set, type_, spread, is_conditional=conditional)
            else:
                assert isinstance(selection, InlineFragmentNode)
                if applies_to(selection.type_condition, type_, self._costs.schema):
                    self._collect(fields, selection.selection_set, type_, spread, is_conditional=conditional)

    def _leaf_weight(self, node: FieldNode, type_: GraphQLObjectType) -> int | None:
        """The weight of a leaf that is no list; None for all other fields."""
        cost = self._costs.of(type_, node.name.value)
        if cost is None:
            return 0
        return cost.weight if node.selection_set is None and not cost.is_list else None


class _Fields:
    """Fields of one object by response key: those that are looked up, and the sum of the others' weights by type."""

    def __init__(self) -> None:
        self.occurrences: dict[str, list[tuple[FieldNode, GraphQLObjectType, bool]]] = {}
        self.leaf_weights: dict[str, int] = {}
        self._leaves: set[tuple[str, str]] = set()

    def add(self, node: FieldNode, type_: GraphQLObjectType, leaf_weight: int | None, *, is_conditional: bool) -> None:
        key = node.alias.value if node.alias else node.name.value
        if leaf_weight == 0:
            return
        if leaf_weight is None or is_conditional:
            self.occurrences.setdefault(key, []).append((node, type_, is_conditional))
        elif (type_.name, key) not in self._leaves:
            self._leaves.add((type_.name, key))
            self.leaf_weights[type_.name] = self.leaf_weights.get(type_.name, 0) + leaf_weight

    def has_leaf(self, type_: GraphQLObjectType, key: str) -> bool:
        """Whether the key is in the sum, because it is also selected without a condition."""
        return (type_.name, key) in self._leaves


def _cost(node: _Node, value: Mapping[str, object]) -> int:
    total = node.weight
    for key, weight, below in node.children:
        if key not in value:
            continue
        total += weight
        found = value[key]
        if found is None or below is None:
            continue
        if found.__class__ is list:
            if below.children:
                for item in found:
                    total += _cost(below, item) if item.__class__ is dict else CACHED_PART
            else:
                total += len(found) * below.weight
        elif found.__class__ is dict:
            total += _cost(below, found) if below.children else below.weight
        else:
            # A template of the field cache; its holes are rows of the viewer.
            total += CACHED_PART + len(getattr(found, "slots", ()))
    return total
