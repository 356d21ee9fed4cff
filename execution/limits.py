"""What an operation may cost, measured on its document before it runs.

Fragments are measured once and remembered: a kilobyte of fragments that spread each other twice stands for millions of
fields, and must not take millions of steps to refuse.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from domain.errors import OperationTooComplex
from domain.pages import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE

# What a list is taken to hold where its size is not asked for.
ASSUMED_LIST_SIZE = 10

# What says how long a list is.
SIZE_ARGUMENTS = ("first", "last")

_INTROSPECTION = {"__schema", "__type", "__typename"}


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one operation may have."""

    depth: int
    aliases: int
    cost: int


@dataclass(frozen=True, slots=True)
class Measure:
    """What an operation has. `depth` counts fields inside fields, the leaf included."""

    depth: int
    aliases: int
    cost: int

    def check(self, limits: Limits) -> None:
        """Raises OperationTooComplex, which names the number and the limit."""
        for name, found, allowed in (
            ("fields deep", self.depth, limits.depth),
            ("aliases", self.aliases, limits.aliases),
            ("of cost", self.cost, limits.cost),
        ):
            if found > allowed:
                raise OperationTooComplex(f"The operation has {found} {name}; {allowed} are allowed.")


class Measurer:
    """Measures one operation of a valid document, for one set of coerced variables.

    `weight_of` tells what a field itself adds. A field that gives objects adds 1 unless it says otherwise; leaves are
    free.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
        weight_of: Callable[[GraphQLField], int],
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._weight_of = weight_of
        self._fragments = fragments
        self._measured: dict[tuple[str, bool], Measure] = {}

    def measure(self, operation: OperationDefinitionNode) -> Measure:
        root = self._schema.get_root_type(operation.operation)
        if root is None:
            return Measure(0, 0, 0)
        return self._selections(operation.selection_set, root, paged=False)

    def _selections(self, selections: SelectionSetNode, type_: GraphQLNamedType, *, paged: bool) -> Measure:
        """`paged`: the lists right below belong to a page, whose size has been counted already."""
        depth = aliases = cost = 0
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                part = self._field(selection, type_, paged=paged)
            elif isinstance(selection, FragmentSpreadNode):
                part = self._fragment(selection.name.value, paged=paged)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = self._schema.get_type(condition.name.value) if condition else type_
                part = self._selections(selection.selection_set, inner or type_, paged=paged)
            else:
                continue
            depth = max(depth, part.depth)
            aliases += part.aliases
            cost += part.cost
        return Measure(depth, aliases, cost)

    def _fragment(self, name: str, *, paged: bool) -> Measure:
        key = (name, paged)
        measured = self._measured.get(key)
        if measured is None:
            fragment = self._fragments[name]
            type_ = self._schema.get_type(fragment.type_condition.name.value)
            assert type_ is not None
            measured = self._measured[key] = self._selections(fragment.selection_set, type_, paged=paged)
        return measured

    def _field(self, node: FieldNode, parent: GraphQLNamedType, *, paged: bool) -> Measure:
        aliases = 1 if node.alias else 0
        name = node.name.value
        field: GraphQLField | None = getattr(parent, "fields", {}).get(name)
        if field is None or node.selection_set is None:
            # Leaves are free. So are introspection's own fields: validation bounds how deep they nest, and the schema
            # is small.
            depth = self._introspection_depth(node) if name in _INTROSPECTION else 0
            return Measure(1 + depth, aliases, 0)
        named = get_named_type(field.type)
        is_page = any(name in field.args for name in SIZE_ARGUMENTS)
        below = self._selections(node.selection_set, named, paged=is_page and not _is_list(field))
        size = self._size(node, field) if is_page else ASSUMED_LIST_SIZE if _is_list(field) and not paged else 1
        return Measure(1 + below.depth, aliases + below.aliases, self._weight_of(field) + size * below.cost)

    def _introspection_depth(self, node: FieldNode) -> int:
        if node.selection_set is None:
            return 0
        return self._selections(node.selection_set, self._schema.type_map["__Schema"], paged=False).depth

    def _size(self, node: FieldNode, field: GraphQLField) -> int:
        for argument in node.arguments or ():
            if argument.name.value in SIZE_ARGUMENTS:
                value = argument.value
                if isinstance(value, IntValueNode):
                    return _clamped(int(value.value))
                if isinstance(value, VariableNode):
                    found = self._variables.get(value.name.value)
                    if isinstance(found, int):
                        return _clamped(found)
        default = field.args["first"].default_value if "first" in field.args else None
        return default if isinstance(default, int) else DEFAULT_PAGE_SIZE


def _is_list(field: GraphQLField) -> bool:
    return is_list_type(get_nullable_type(field.type))


def _clamped(size: int) -> int:
    return min(max(size, 1), MAX_PAGE_SIZE)
