"""Static cost analysis of operations.

The cost is an upper bound of the objects and list items in the response. Each selection is analyzed once per object
type and context, and the result reused: a kilobyte of fragments that spread each other twice stands for millions of
fields, and must not take millions of steps to reject.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from operator import itemgetter
from typing import Protocol, TypeAlias

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
)

from engine.errors import Limit, OperationTooComplex
from engine.request.field_costs import FieldCost, FieldCosts
from engine.request.list_sizes import Sizes
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

    def check(self, limits: Limits, explain: Callable[[], "Explanation"]) -> None:
        """Raises OperationTooComplex if a limit is exceeded. `explain`: divides the cost."""
        for name, found, allowed, limit in (
            ("depth", self.depth, limits.depth, Limit.DEPTH),
            ("alias count", self.aliases, limits.aliases, Limit.ALIASES),
            ("cost", self.cost, limits.cost, Limit.COST),
        ):
            if found > allowed:
                message = f"Query {name} {found} exceeds the limit of {allowed}."
                if limit is Limit.ALIASES:
                    raise OperationTooComplex(message, limit=limit.value)
                explanation = explain()
                if limit is Limit.COST:
                    message += explanation.most_expensive_paths()
                coordinate = explanation.coordinate_of(limit)
                located = {} if coordinate is None else {"coordinate": coordinate}
                raise OperationTooComplex(message, limit=limit.value, **located)


class Explanation(Protocol):
    """What makes an operation exceed a limit."""

    def most_expensive_paths(self) -> str:
        """Sentences that begin with a space, or nothing."""
        ...

    def coordinate_of(self, limit: Limit) -> str | None:
        """The most expensive or the deepest part of the schema; None if it is unknown."""
        ...


@dataclass(slots=True)
class Cost:
    """The cost of a selection: `fixed + size * per_item`. `size`: of the sized fields below, given by an argument of
    the field above.
    """

    fixed: Number = 0
    per_item: Number = 0

    def add(self, other: "Cost") -> None:
        self.fixed += other.fixed
        self.per_item += other.per_item


FREE = Cost()


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
        self.results: dict[tuple[int, str, tuple[str, ...]], Cost] = {}

    def selections(self, node: SelectionSetNode, type_: GraphQLObjectType, context: tuple[str, ...]) -> Cost:
        # The operation keeps the nodes alive, so that their ids are unique.
        key = id(node), type_.name, context
        known = self.results.get(key)
        if known is not None:
            return known
        total = Cost()
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
            total.add(self._if_included(selection.directives, part) if selection.directives else part)
        self.results[key] = total
        return total

    def _if_included(self, directives: tuple[DirectiveNode, ...], cost: Cost) -> Cost:
        return FREE if is_skipped(directives, self._variables, self._sizes) else cost

    def _field(self, node: FieldNode, type_: GraphQLObjectType, context: tuple[str, ...]) -> Cost:
        name = node.name.value
        cost = self._costs.of(type_, name)
        # A leaf is part of its object's cost; with an alias it is an additional value.
        weight = 1 if node.alias and node.selection_set is None else 0
        if cost is None:
            return Cost(weight) if weight else FREE
        weight += cost.weight
        if cost.inputs:
            weight += self._sizes.input_weight(node, cost, self._variables)
        each: Number = cost.item_weight
        if node.selection_set is not None:
            size = self._size(node, cost, type_, name, context) if cost.sized_fields else 1
            inner = self._inner_context(cost, type_, name, context)
            _, each = self._most_expensive_type(node.selection_set, cost, inner, size)
        if cost.is_list and name in context:
            return Cost(weight, each)
        size = self._size(node, cost, type_, name, context) if cost.is_list else 1
        return Cost(weight + size * each)

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
        amounts = []
        for possible, weight in cost.types:
            below = self.selections(node, possible, context)
            amounts.append((possible, weight + below.fixed + size * below.per_item))
        return self._largest(amounts) if amounts else (None, 0)

    def _largest(self, amounts: list[tuple[GraphQLObjectType, Number]]) -> tuple[GraphQLObjectType | None, Number]:
        """The first of equals."""
        return max(amounts, key=itemgetter(1))

    def _size(
        self, node: FieldNode, cost: FieldCost, type_: GraphQLObjectType, name: str, context: tuple[str, ...]
    ) -> Number:
        if type_.name.startswith("__"):
            return self._costs.introspection.size(name, context)
        return self._sizes.size(node, cost, self._variables, self._costs.max_size)


def is_skipped(directives: tuple[DirectiveNode, ...], variables: Mapping[str, object], sizes: Sizes) -> bool:
    """Whether @skip or @include excludes a selection."""
    skipped = False
    for directive in directives:
        name = directive.name.value
        if name in ("skip", "include") and directive.arguments:
            value = directive.arguments[0].value
            if isinstance(value, VariableNode):
                found = sizes.flag(value.name.value, variables)
            else:
                found = isinstance(value, BooleanValueNode) and value.value
            skipped |= found is (name == "skip")
    return skipped
