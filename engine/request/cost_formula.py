"""Compiles the cost of an operation to a function of its variables.

The analysis runs once with terms instead of numbers for everything that variables determine, and each operation on a
term adds a line to the function. What no variable determines is computed meanwhile.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil
from typing import Any, TypeAlias, cast

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    OperationDefinitionNode,
)

from engine.request.cost_analysis import Cost, CostAnalysis, is_skipped
from engine.request.field_costs import FieldCost, FieldCosts
from engine.request.list_sizes import Sizes, variable_size

Formula: TypeAlias = Callable[[Mapping[str, object]], int]
# The analysis computes with terms as with other numbers.
_Number: TypeAlias = Any


def compile_cost(
    costs: FieldCosts, fragments: Mapping[str, FragmentDefinitionNode], operation: OperationDefinitionNode
) -> tuple[Formula, int]:
    """Return the function of the coerced variables, and its number of lines."""
    root = costs.schema.get_root_type(operation.operation)
    assert root is not None
    writer = _Writer()
    analysis = _SymbolicAnalysis(costs, fragments, writer)
    total = analysis.selections(operation.selection_set, root, ()).fixed
    return writer.compile(total), len(writer.lines) + 2


class _Writer:
    """The lines of the function."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._namespace: dict[str, object] = {"ceil": ceil}

    def text(self, number: _Number) -> str:
        if isinstance(number, _Term):
            return number.name
        return str(number) if isinstance(number, int) else self._constant(number)

    def assign(self, expression: str) -> "_Term":
        name = f"t{len(self.lines)}"
        self.lines.append(f"    {name} = {expression}")
        return _Term(self, name)

    def call(self, read: Callable[[Mapping[str, object]], int | Fraction | bool]) -> "_Term":
        return self.assign(f"{self._constant(read)}(variables)")

    def largest(self, numbers: list[_Number]) -> _Number:
        terms = dict.fromkeys(self.text(number) for number in numbers if isinstance(number, _Term))
        known = [number for number in numbers if not isinstance(number, _Term)]
        if not terms:
            return max(known)
        largest = [self.text(max(known))] if known and max(known) > 0 else []
        operands = [*terms, *largest]
        return self.assign(f"max({', '.join(operands)})") if len(operands) > 1 else _Term(self, operands[0])

    def compile(self, total: _Number) -> Formula:
        source = "\n".join(["def cost(variables):", *self.lines, f"    return ceil({self.text(total)})"])
        exec(compile(source, "<cost>", "exec"), self._namespace)  # noqa: S102  # numbers and names of this module
        return cast("Formula", self._namespace["cost"])

    def _constant(self, value: object) -> str:
        name = f"c{len(self._namespace)}"
        self._namespace[name] = value
        return name


class _Term:
    """A number that is known when the variables are. None is negative."""

    __slots__ = ("_writer", "name")

    def __init__(self, writer: _Writer, name: str) -> None:
        self._writer = writer
        self.name = name

    def __add__(self, other: _Number) -> "_Term":
        return self if other == 0 else self._writer.assign(f"{self.name} + {self._writer.text(other)}")

    def __mul__(self, other: _Number) -> _Number:
        if other == 0:
            return 0
        return self if other == 1 else self._writer.assign(f"{self.name} * {self._writer.text(other)}")

    __radd__ = __add__
    __rmul__ = __mul__


class _SymbolicSizes(Sizes):
    """Sizes and weights as terms, if a variable determines them."""

    def __init__(self, writer: _Writer) -> None:
        super().__init__()
        self._writer = writer

    def size(self, node: FieldNode, cost: FieldCost, variables: Mapping[str, object], most: int) -> _Number:
        probe = Sizes()
        found = probe.size(node, cost, variables, most)
        if not len(probe):
            return found
        read = variable_size(node, cost, most) or (lambda values: Sizes().size(node, cost, values, most))
        return self._writer.call(read)

    def input_weight(self, node: FieldNode, cost: FieldCost, variables: Mapping[str, object]) -> _Number:
        probe = Sizes()
        found = probe.input_weight(node, cost, variables)
        return self._writer.call(lambda values: Sizes().input_weight(node, cost, values)) if len(probe) else found


class _SymbolicAnalysis(CostAnalysis):
    def __init__(self, costs: FieldCosts, fragments: Mapping[str, FragmentDefinitionNode], writer: _Writer) -> None:
        super().__init__(costs, fragments, {}, _SymbolicSizes(writer))
        self._writer = writer

    def _if_included(self, directives: tuple[DirectiveNode, ...], cost: Cost) -> Cost:
        variables = Sizes()
        is_skipped(directives, {}, variables)
        if not len(variables):
            return super()._if_included(directives, cost)
        included = self._writer.call(lambda values: not is_skipped(directives, values, Sizes()))
        return Cost(cost.fixed * included, cost.per_item * included)

    def _largest(self, amounts: list[tuple[GraphQLObjectType, _Number]]) -> tuple[None, _Number]:
        return None, self._writer.largest([amount for _, amount in amounts])
