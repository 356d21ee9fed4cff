"""Static cost analysis of operations.

The cost is an upper bound of the objects and list items in the response. Each selection is analyzed once per object
type and context, and the result reused: a kilobyte of fragments that spread each other twice stands for millions of
fields, and must not take millions of steps to reject.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TypeAlias

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
)

from engine.errors import Limit, OperationTooComplex
from engine.request.field_costs import FieldCost, FieldCosts
from engine.request.list_sizes import Sizes
from engine.request.query_shape import QueryShape, measure_shape
from engine.request.type_conditions import applies_to

Number: TypeAlias = int | Fraction


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one operation."""

    depth: int
    aliases: int
    cost: int


@dataclass(frozen=True, slots=True)
class OperationCost:
    """`depth`: nested fields, the leaf included."""

    depth: int
    aliases: int
    cost: int

    def check(self, limits: Limits, explain: Callable[[], str]) -> None:
        """Raises OperationTooComplex if a limit is exceeded. `explain`: returns sentences about the cost."""
        for name, found, allowed, limit in (
            ("depth", self.depth, limits.depth, Limit.DEPTH),
            ("alias count", self.aliases, limits.aliases, Limit.ALIASES),
            ("cost", self.cost, limits.cost, Limit.COST),
        ):
            if found > allowed:
                explanation = explain() if limit is Limit.COST else ""
                raise OperationTooComplex(
                    f"Query {name} {found} exceeds the limit of {allowed}.{explanation}", limit=limit.value
                )


class CostAnalyzer:
    """Analyzes one operation of a valid document."""

    def __init__(
        self, costs: FieldCosts, fragments: Mapping[str, FragmentDefinitionNode], operation: OperationDefinitionNode
    ) -> None:
        self._costs = costs
        self._fragments = fragments
        self._operation = operation
        self._shape: QueryShape | None = None
        # The number of analyzed selections, for tests of the work done.
        self.visits = 0
        # Which variables determine list sizes and skipped fields; known after the first analysis.
        self.sizes = Sizes()

    @property
    def field_count(self) -> int:
        """The number of fields after expanding fragments; 0 before the first analysis."""
        return 0 if self._shape is None else self._shape.fields

    def analyze(self, variables: Mapping[str, object]) -> OperationCost:
        """The cost for these coerced variables. Raises OperationTooComplex if fragments are nested too deeply."""
        root = self._costs.schema.get_root_type(self._operation.operation)
        if root is None:
            return OperationCost(0, 0, 0)
        try:
            if self._shape is None:
                self._shape = measure_shape(self._operation.selection_set, self._fragments, {})
            measuring = CostAnalysis(self._costs, self._fragments, variables, self.sizes)
            cost = measuring.selections(self._operation.selection_set, root, ())
        except RecursionError:
            raise OperationTooComplex("Fragments are nested too deeply.", limit=Limit.DEPTH.value) from None
        self.visits += len(measuring.results)
        return OperationCost(self._shape.depth, self._shape.aliases, ceil(cost.fixed))


@dataclass(slots=True)
class _Cost:
    """The cost of a selection: `fixed + size * per_item`. `size`: of the sized fields below, given by an argument of
    the field above.
    """

    fixed: Number = 0
    per_item: Number = 0

    def add(self, other: "_Cost") -> None:
        self.fixed += other.fixed
        self.per_item += other.per_item


_FREE = _Cost()


class CostAnalysis:
    """One analysis, for one set of variables.

    A context is what is known from above about the lists below: the names of sized fields, or the place in
    introspection.
    """

    def __init__(
        self,
        costs: FieldCosts,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, object],
        sizes: Sizes,
    ) -> None:
        self._costs = costs
        self._fragments = fragments
        self._variables = variables
        self._sizes = sizes
        self.results: dict[tuple[int, str, tuple[str, ...]], _Cost] = {}

    def selections(self, node: SelectionSetNode, type_: GraphQLObjectType, context: tuple[str, ...]) -> _Cost:
        # The operation keeps the nodes alive, so that their ids are unique.
        key = id(node), type_.name, context
        known = self.results.get(key)
        if known is not None:
            return known
        total = _Cost()
        for selection in node.selections:
            if isinstance(selection, FieldNode):
                part = self._field(selection, type_, context)
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments[selection.name.value]
                if not applies_to(fragment.type_condition, type_, self._costs.schema):
                    continue
                part = self.selections(fragment.selection_set, type_, context)
            else:
                assert isinstance(selection, InlineFragmentNode)
                if not applies_to(selection.type_condition, type_, self._costs.schema):
                    continue
                part = self.selections(selection.selection_set, type_, context)
            # Skipped selections are analyzed, too: to find all variables that determine list sizes.
            if not (selection.directives and self._is_skipped(selection.directives)):
                total.add(part)
        self.results[key] = total
        return total

    def _is_skipped(self, directives: tuple[DirectiveNode, ...]) -> bool:
        skipped = False
        for directive in directives:
            name = directive.name.value
            if name in ("skip", "include") and directive.arguments:
                value = directive.arguments[0].value
                if isinstance(value, VariableNode):
                    found = self._sizes.flag(value.name.value, self._variables)
                else:
                    found = isinstance(value, BooleanValueNode) and value.value
                skipped |= found is (name == "skip")
        return skipped

    def _field(self, node: FieldNode, type_: GraphQLObjectType, context: tuple[str, ...]) -> _Cost:
        name = node.name.value
        cost = self._costs.of(type_, name)
        # A leaf is part of its object's cost; with an alias it is an additional value.
        weight = 1 if node.alias and node.selection_set is None else 0
        if cost is None:
            return _Cost(weight) if weight else _FREE
        weight += cost.weight
        if cost.inputs:
            weight += self._sizes.input_weight(node, cost, self._variables)
        each: Number = cost.item_weight
        if node.selection_set is not None:
            size = self._size(node, cost, type_, name, context) if cost.sized_fields else 1
            inner = self._inner_context(cost, type_, name, context)
            _, each = self._most_expensive_type(node.selection_set, cost, inner, size)
        if cost.is_list and name in context:
            return _Cost(weight, each)
        size = self._size(node, cost, type_, name, context) if cost.is_list else 1
        return _Cost(weight + size * each)

    def _inner_context(
        self, cost: FieldCost, type_: GraphQLObjectType, name: str, context: tuple[str, ...]
    ) -> tuple[str, ...]:
        if type_.name.startswith("__") or name in ("__schema", "__type"):
            return self._costs.introspection.below(name, context)
        return cost.sized_fields

    def _most_expensive_type(
        self, node: SelectionSetNode, cost: FieldCost, context: tuple[str, ...], size: Number
    ) -> tuple[GraphQLObjectType | None, Number]:
        """The most expensive of the possible types, and its cost including the object."""
        found: GraphQLObjectType | None = None
        most: Number = -1
        for possible, weight in cost.types:
            below = self.selections(node, possible, context)
            amount = weight + below.fixed + size * below.per_item
            if amount > most:
                found, most = possible, amount
        return found, most if found is not None else 0

    def _size(
        self, node: FieldNode, cost: FieldCost, type_: GraphQLObjectType, name: str, context: tuple[str, ...]
    ) -> Number:
        if type_.name.startswith("__"):
            return self._costs.introspection.size(name, context)
        return self._sizes.size(node, cost, self._variables, self._costs.max_size)
