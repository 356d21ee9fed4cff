"""Checks in groups, not in pairs, whether the fields of a document can be merged.

graphql-core compares every two fields of the same response name, and every two fragments of a selection set: 125,000
pairs for 500 of them. Here all fields of a response name are compared with the first one, and the selections below them
are merged and checked once. See "Field selection merging" by Simon Adameit.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    ValueNode,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

# A selection set and its parent type; None if that is unknown.
Selections = tuple[SelectionSetNode, GraphQLNamedType | None]


class TooManySteps(Exception):
    """The document has more selections than may be checked."""


class Conflict(NamedTuple):
    """Two fields with the same response name that cannot be merged."""

    response_name: str
    reason: str
    nodes: tuple[FieldNode, FieldNode]


class _Field(NamedTuple):
    node: FieldNode
    parent: GraphQLNamedType | None
    definition: GraphQLField | None

    @property
    def type(self) -> GraphQLOutputType | None:
        return self.definition.type if self.definition else None


class FieldMerging:
    """For one document. `value_key`: equal for equal literals. `steps`: the number of selections checked."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        value_key: Callable[[ValueNode], str],
        max_steps: int,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._value_key = value_key
        self._max_steps = max_steps
        self._arguments: dict[int, tuple[int, frozenset[tuple[str, str]]]] = {}
        self._seen: set[tuple[bool, frozenset[int]]] = set()
        self.steps = 0

    def find_conflict(self, roots: Iterable[Selections]) -> Conflict | None:
        """The first conflict below the selection sets, each checked separately. Raises TooManySteps."""
        # Fields of different objects only need the same shape.
        pending = [(False, [root]) for root in roots]
        while pending:
            shape_only, merged = pending.pop()
            key = shape_only, frozenset(id(selection_set) for selection_set, _ in merged)
            if key in self._seen:
                continue
            self._seen.add(key)
            for name, fields in self._collect(merged).items():
                groups = [fields] if shape_only else _mutually_inclusive(fields)
                self._spend(sum(map(len, groups)))
                values = () if shape_only else map(self._value_conflict, groups)
                found = next(filter(None, values), None) or _shape_conflict(fields)
                if found is not None:
                    text, first, second = found
                    return Conflict(name, text, (first.node, second.node))
                pending.extend((shape_only, below) for below in map(_below, groups) if below)
                if len(groups) > 1 and (below := _below(fields)):
                    pending.append((True, below))
        return None

    def _collect(self, merged: list[Selections]) -> dict[str, list[_Field]]:
        """Fields by response name. Each fragment is visited once."""
        grouped: dict[str, list[_Field]] = {}
        spread: set[str] = set()
        pending = [*reversed(merged)]
        while pending:
            selection_set, parent = pending.pop()
            self._spend(len(selection_set.selections))
            fields: Mapping[str, GraphQLField] = getattr(parent, "fields", {})
            for selection in selection_set.selections:
                if isinstance(selection, FieldNode):
                    name = selection.name.value
                    key = selection.alias.value if selection.alias else name
                    grouped.setdefault(key, []).append(_Field(selection, parent, fields.get(name)))
                elif isinstance(selection, InlineFragmentNode):
                    condition = selection.type_condition
                    type_ = self._schema.get_type(condition.name.value) if condition else parent
                    pending.append((selection.selection_set, type_))
                elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in spread:
                    spread.add(selection.name.value)
                    fragment = self._fragments.get(selection.name.value)
                    if fragment is not None:
                        type_ = self._schema.get_type(fragment.type_condition.name.value)
                        pending.append((fragment.selection_set, type_))
        return grouped

    def _value_conflict(self, fields: list[_Field]) -> tuple[str, _Field, _Field] | None:
        """Fields of the same object must be the same field with the same arguments."""
        first, *others = fields
        for other in others:
            name, other_name = first.node.name.value, other.node.name.value
            if name != other_name:
                return f"'{name}' and '{other_name}' are different fields", first, other
            if self._arguments_of(first.node) != self._arguments_of(other.node):
                return "they have differing arguments", first, other
        return None

    def _arguments_of(self, node: FieldNode) -> tuple[int, frozenset[tuple[str, str]]]:
        found = self._arguments.get(id(node))
        if found is None:
            pairs = [(argument.name.value, self._value_key(argument.value)) for argument in node.arguments or ()]
            found = self._arguments[id(node)] = len(pairs), frozenset(pairs)
        return found

    def _spend(self, steps: int) -> None:
        self.steps += steps
        if self.steps > self._max_steps:
            raise TooManySteps


def _mutually_inclusive(fields: list[_Field]) -> list[list[_Field]]:
    """Groups of fields that can belong to the same object: for each object type its fields, and those of interfaces and
    unions.
    """
    common: list[_Field] = []
    by_object: dict[GraphQLNamedType, list[_Field]] = {}
    for field in fields:
        if is_object_type(field.parent):
            by_object.setdefault(field.parent, []).append(field)
        else:
            common.append(field)
    return [common + group for group in by_object.values()] or [common]


def _shape_conflict(fields: list[_Field]) -> tuple[str, _Field, _Field] | None:
    """All fields must have values of the same shape. This is transitive, so all are compared with the first.

    Unknown types are reported by another rule.
    """
    typed: Iterator[_Field] = (field for field in fields if field.type is not None)
    first = next(typed, None)
    for other in typed:
        assert first is not None
        if _has_other_shape(first.type, other.type):
            return f"they return conflicting types '{first.type}' and '{other.type}'", first, other
    if len(fields) > 1:
        for index, field in enumerate(fields):
            if any(directive.name.value == "stream" for directive in field.node.directives or ()):
                return "they have overlapping stream directives", field, fields[index - 1]
    return None


def _has_other_shape(one: GraphQLOutputType | None, other: GraphQLOutputType | None) -> bool:
    while one is not other:
        if (is_list_type(one) and is_list_type(other)) or (is_non_null_type(one) and is_non_null_type(other)):
            one, other = one.of_type, other.of_type
            continue
        wrapped = any(is_list_type(type_) or is_non_null_type(type_) for type_ in (one, other))
        return wrapped or is_leaf_type(one) or is_leaf_type(other)
    return False


def _below(fields: list[_Field]) -> list[Selections]:
    return [
        (field.node.selection_set, get_named_type(field.type) if field.type else None)
        for field in fields
        if field.node.selection_set is not None
    ]
