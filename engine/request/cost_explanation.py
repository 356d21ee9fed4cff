"""Divides the estimated cost of an operation by schema coordinates and paths, for people who want to lower it."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from math import ceil

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from engine.errors import Limit
from engine.request.cost_analysis import CostAnalysis, Number, is_skipped
from engine.request.field_costs import FieldCost
from engine.request.type_conditions import applies_to

# Fragments may expand to far more selections; the rest is not explained.
_MAX_SELECTIONS = 5_000
_MAX_PATH_LENGTH = 100
_MAX_PATHS = 3


@dataclass(slots=True)
class _Place:
    """A field of the response: its path, and the longest list on it with the argument that gives the size."""

    path: str = ""
    longest: Number = 1
    advice: str = ""


@dataclass(slots=True)
class CostExplanation:
    """Costs by schema coordinate, and by path in the response with advice. Each without the cost of fields below."""

    by_coordinate: dict[str, Number] = field(default_factory=dict)
    by_path: dict[str, tuple[Number, str]] = field(default_factory=dict)
    # Of the first field at the greatest depth, which is that of its path.
    deepest: tuple[int, str | None] = (-1, None)

    def coordinates(self) -> dict[str, int]:
        """The most expensive first."""
        found = sorted(self.by_coordinate.items(), key=lambda one: (-one[1], one[0]))
        return {coordinate: ceil(cost) for coordinate, cost in found if cost}

    def coordinate_of(self, limit: Limit) -> str | None:
        """The most expensive or the deepest part of the schema."""
        if limit is Limit.DEPTH:
            return self.deepest[1]
        return next(iter(self.coordinates()), None) if limit is Limit.COST else None

    def most_expensive_paths(self) -> str:
        """The sentences of error messages; empty for an operation without cost."""
        found = sorted(self.by_path.items(), key=lambda one: (-one[1][0], one[0]))[:_MAX_PATHS]
        paths = [f"{_shorten(path)} ({ceil(cost)})" for path, (cost, _) in found if cost]
        if not paths:
            return ""
        advice = dict.fromkeys(advice for _, (cost, advice) in found if cost and advice)
        lower = f" Lower {', '.join(advice)}." if advice else ""
        return f" Most expensive paths: {', '.join(paths)}.{lower}"


class Explainer(CostAnalysis):
    """Explains the cost of one operation, for one set of variables."""

    def explain(self, operation: OperationDefinitionNode) -> CostExplanation:
        """Very long operations are explained in part."""
        self._found = CostExplanation()
        self._left = _MAX_SELECTIONS
        root = self._costs.schema.get_root_type(operation.operation)
        if root is not None:
            with suppress(RecursionError):
                self._walk(operation.selection_set, root, (), {}, 1, _Place())
        return self._found

    def _walk(
        self,
        node: SelectionSetNode,
        type_: GraphQLObjectType,
        context: tuple[str, ...],
        sizes: Mapping[str, Number],
        factor: Number,
        place: _Place,
    ) -> None:
        """`sizes`: of the sized fields, given by an argument of the field above. `factor`: the number of objects."""
        for selection, inner in self._applicable(node, type_):
            self._left -= 1
            if self._left < 0:
                return
            if inner is not None:
                self._walk(inner, type_, context, sizes, factor, place)
            elif isinstance(selection, FieldNode):
                self._explain_field(selection, type_, context, sizes, factor, place)

    def _applicable(
        self, node: SelectionSetNode, type_: GraphQLObjectType
    ) -> Iterator[tuple[SelectionNode, SelectionSetNode | None]]:
        """The fields, and the selections of fragments, that apply to the type and are not skipped."""
        for selection in node.selections:
            if selection.directives and is_skipped(selection.directives, self._variables, self._sizes):
                continue
            if isinstance(selection, FieldNode):
                yield selection, None
                continue
            if isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments[selection.name.value]
                condition: NamedTypeNode | None = fragment.type_condition
                inner = fragment.selection_set
            else:
                assert isinstance(selection, InlineFragmentNode)
                condition, inner = selection.type_condition, selection.selection_set
            if applies_to(condition, type_, self._costs.schema):
                yield selection, inner

    def _explain_field(
        self,
        node: FieldNode,
        type_: GraphQLObjectType,
        context: tuple[str, ...],
        sizes: Mapping[str, Number],
        factor: Number,
        above: _Place,
    ) -> None:
        name = node.name.value
        cost = self._costs.of(type_, name)
        weight: Number = 1 if node.alias and node.selection_set is None else 0
        key = node.alias.value if node.alias else name
        place = _Place(f"{above.path}.{key}" if above.path else key, above.longest, above.advice)
        if cost is None:
            self._add(f"{type_.name}.{name}", place, factor * weight)
            return
        weight += cost.weight
        if cost.inputs:
            weight += self._sizes.input_weight(node, cost, self._variables)
        number: Number = 1
        if cost.is_list:
            number = sizes[name] if name in sizes else self._size(node, cost, type_, name, context)
        own_size = self._size(node, cost, type_, name, context) if cost.is_list or cost.sized_fields else 1
        if cost.slices and own_size > place.longest:
            place.longest, place.advice = own_size, f"`{_argument_of(node, cost)}` of {_shorten(place.path)}"
        each: Number = cost.item_weight
        if node.selection_set is not None:
            inner = self._inner_context(cost, type_, name, context)
            possible, _ = self._most_expensive_type(node.selection_set, cost, inner, own_size)
            if possible is not None:
                each = next(own for one, own in cost.types if one is possible)
                below = dict.fromkeys(inner, own_size) if cost.sized_fields else {}
                self._walk(node.selection_set, possible, inner, below, factor * number, place)
        self._add(f"{type_.name}.{name}", place, factor * (weight + number * each))

    def _add(self, coordinate: str, place: _Place, cost: Number) -> None:
        found = self._found
        found.by_coordinate[coordinate] = found.by_coordinate.get(coordinate, 0) + cost
        depth = place.path.count(".")
        if depth > found.deepest[0]:
            found.deepest = depth, coordinate
        before, _ = found.by_path.get(place.path, (0, ""))
        found.by_path[place.path] = before + cost, place.advice


def _argument_of(node: FieldNode, cost: FieldCost) -> str:
    """The first slicing argument that the field has."""
    given = {argument.name.value for argument in node.arguments or ()}
    found = next((one for one in cost.slices if one.path[0] in given), cost.slices[0])
    return ".".join(found.path)


def _shorten(path: str) -> str:
    return path if len(path) <= _MAX_PATH_LENGTH else f"{path[:_MAX_PATH_LENGTH]}…"
