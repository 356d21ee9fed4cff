"""What an operation may cost, measured on its document before it runs.

The cost is never less than the objects and the items of lists in the answer. Each selection is measured once for each
type of object that it can be made on and remembered: a kilobyte of fragments that spread each other twice stands for
millions of fields, and must not take millions of steps to refuse.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)

from engine.errors import OperationTooComplex
from engine.request.field_costs import FieldCost, FieldCosts
from engine.request.list_sizes import Sizes

# Of the path that costs most, as errors name it.
_MAX_PATH_LENGTH = 100
# A page's size as it is not known where two selections below it are compared.
_TYPICAL_SIZE = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one operation may have."""

    depth: int
    aliases: int
    cost: int


@dataclass(frozen=True, slots=True)
class Measure:
    """What an operation has. `depth` counts fields inside fields, the leaf included. `dearest`: the path that adds most
    to the cost.
    """

    depth: int
    aliases: int
    cost: int
    dearest: str = field(default="", compare=False)

    def check(self, limits: Limits) -> None:
        """Raises OperationTooComplex, which names the number and the limit."""
        for name, found, allowed in (
            ("depth", self.depth, limits.depth),
            ("alias count", self.aliases, limits.aliases),
            ("cost", self.cost, limits.cost),
        ):
            if found > allowed:
                most = f" Most expensive path: {self.dearest}." if name == "cost" and self.dearest else ""
                raise OperationTooComplex(f"Query {name} {found} exceeds the limit of {allowed}.{most}")


class Measurer:
    """Measures one operation of a valid document."""

    def __init__(
        self, costs: FieldCosts, fragments: Mapping[str, FragmentDefinitionNode], operation: OperationDefinitionNode
    ) -> None:
        self._costs = costs
        self._fragments = fragments
        self._operation = operation
        self._shape: _Shape | None = None
        # Selections that were measured: how much work all measures were.
        self.visits = 0
        # What of the variables says how long lists are and what is left out; known once it was measured.
        self.sizes = Sizes()

    def measure(self, variables: Mapping[str, Any]) -> Measure:
        """For one set of coerced variables. Raises OperationTooComplex where fragments nest too deeply to tell."""
        root = self._costs.schema.get_root_type(self._operation.operation)
        if root is None:
            return Measure(0, 0, 0)
        try:
            if self._shape is None:
                self._shape = _shape(self._operation.selection_set, self._fragments, {})
            measuring = _Measuring(self._costs, self._fragments, variables, self.sizes)
            cost = measuring.selections(self._operation.selection_set, root, ())
        except RecursionError:
            raise OperationTooComplex("Fragments are nested too deeply.") from None
        self.visits += len(measuring.measured)
        return Measure(self._shape.depth, self._shape.aliases, ceil(cost.fixed), _named(cost))


@dataclass(frozen=True, slots=True)
class _Shape:
    depth: int
    aliases: int


def _shape(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], known: dict[str, _Shape]
) -> _Shape:
    """Without regard to types and variables. `known`: the fragments' that were met."""
    depth = aliases = 0
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            below = _shape(selection.selection_set, fragments, known) if selection.selection_set else _Shape(0, 0)
            depth = max(depth, 1 + below.depth)
            aliases += below.aliases + (selection.alias is not None)
            continue
        if isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            if name not in known:
                known[name] = _shape(fragments[name].selection_set, fragments, known)
            part = known[name]
        else:
            assert isinstance(selection, InlineFragmentNode)
            part = _shape(selection.selection_set, fragments, known)
        depth = max(depth, part.depth)
        aliases += part.aliases
    return _Shape(depth, aliases)


@dataclass(slots=True)
class _Cost:
    """Of selections: `fixed + size * per_item`, where `size` is what the field above says of the sized fields below it.

    `dearest`: the name of the field that adds most, and the cost of what is below it.
    """

    fixed: int | Fraction = 0
    per_item: int | Fraction = 0
    dearest: tuple[str, "_Cost | None"] | None = None
    _most: int | Fraction = 0

    def add(self, other: "_Cost") -> None:
        self.fixed += other.fixed
        self.per_item += other.per_item
        amount = other.fixed + _TYPICAL_SIZE * other.per_item
        if amount > self._most:
            self._most, self.dearest = amount, other.dearest


_FREE = _Cost()


class _Measuring:
    """One measure: for one set of variables.

    A context says what is known above about the lists below: the names of sized fields, or where in introspection.
    """

    def __init__(
        self,
        costs: FieldCosts,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
        sizes: Sizes,
    ) -> None:
        self._costs = costs
        self._fragments = fragments
        self._variables = variables
        self._sizes = sizes
        self.measured: dict[tuple[int, str, tuple[str, ...]], _Cost] = {}

    def selections(self, node: SelectionSetNode, type_: GraphQLObjectType, context: tuple[str, ...]) -> _Cost:
        # The operation holds the nodes, so that their addresses are theirs.
        key = id(node), type_.name, context
        known = self.measured.get(key)
        if known is not None:
            return known
        total = _Cost()
        for selection in node.selections:
            if isinstance(selection, FieldNode):
                part = self._field(selection, type_, context)
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments[selection.name.value]
                if not self._applies(fragment.type_condition.name.value, type_):
                    continue
                part = self.selections(fragment.selection_set, type_, context)
            else:
                assert isinstance(selection, InlineFragmentNode)
                condition = selection.type_condition
                if condition and not self._applies(condition.name.value, type_):
                    continue
                part = self.selections(selection.selection_set, type_, context)
            # What is left out this time is measured, too: so all variables are met that say how long lists are.
            if not (selection.directives and self._is_left_out(selection.directives)):
                total.add(part)
        self.measured[key] = total
        return total

    def _applies(self, condition: str, type_: GraphQLObjectType) -> bool:
        if condition == type_.name:
            return True
        abstract = self._costs.schema.get_type(condition)
        return is_abstract_type(abstract) and self._costs.schema.is_sub_type(abstract, type_)

    def _is_left_out(self, directives: tuple[DirectiveNode, ...]) -> bool:
        left_out = False
        for directive in directives:
            name = directive.name.value
            if name in ("skip", "include") and directive.arguments:
                value = directive.arguments[0].value
                if isinstance(value, VariableNode):
                    found = self._sizes.flag(value.name.value, self._variables)
                else:
                    found = isinstance(value, BooleanValueNode) and value.value
                left_out |= found is (name == "skip")
        return left_out

    def _field(self, node: FieldNode, type_: GraphQLObjectType, context: tuple[str, ...]) -> _Cost:
        name = node.name.value
        cost = self._costs.of(type_, name)
        response_name = node.alias.value if node.alias else name
        # A leaf comes with its object; with an alias, it comes once more.
        weight = 1 if node.alias and node.selection_set is None else 0
        if cost is None:
            return _Cost(weight, dearest=(response_name, None)) if weight else _FREE
        weight += cost.weight
        if cost.inputs:
            weight += self._sizes.input_weight(node, cost, self._variables)
        below: _Cost | None = None
        each: int | Fraction = cost.item_weight
        if node.selection_set is not None:
            below, each = self._objects(node, cost, type_, name, context)
        if cost.is_list and name in context:
            return _Cost(weight, each, (response_name, below))
        size = self._size(node, cost, type_, name, context) if cost.is_list else 1
        return _Cost(weight + size * each, 0, (response_name, below))

    def _objects(
        self, node: FieldNode, cost: FieldCost, type_: GraphQLObjectType, name: str, context: tuple[str, ...]
    ) -> tuple[_Cost | None, int | Fraction]:
        """What costs most of what the object can be, and how much that is with the object itself."""
        assert node.selection_set is not None
        inner = cost.sized_fields
        if type_.name.startswith("__") or name in ("__schema", "__type"):
            inner = self._costs.introspection.below(name, context)
        size = self._size(node, cost, type_, name, context) if cost.sized_fields else 1
        dearest: _Cost | None = None
        most: int | Fraction = -1
        for possible, weight in cost.types:
            below = self.selections(node.selection_set, possible, inner)
            amount = weight + below.fixed + size * below.per_item
            if amount > most:
                dearest, most = below, amount
        return dearest, most if dearest else 0

    def _size(
        self, node: FieldNode, cost: FieldCost, type_: GraphQLObjectType, name: str, context: tuple[str, ...]
    ) -> int | Fraction:
        if type_.name.startswith("__"):
            return self._costs.introspection.size(name, context)
        return self._sizes.size(node, cost, self._variables, self._costs.max_size)


def _named(cost: _Cost) -> str:
    """The response names of the dearest path."""
    names: list[str] = []
    found: _Cost | None = cost
    while found is not None and found.dearest is not None:
        name, found = found.dearest
        names.append(name)
    path = ".".join(names)
    return path if len(path) <= _MAX_PATH_LENGTH else f"{path[:_MAX_PATH_LENGTH]}…"
