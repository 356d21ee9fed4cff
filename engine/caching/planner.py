"""Finds the fields of a plan whose values can be kept, and plans how each is made without what is personal in it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from graphql import GraphQLScalarType, OperationType, VariableNode, Visitor, get_named_type, is_object_type, print_ast
from graphql.language import NameNode, visit

from engine.caching.policy import CachedField, CachePolicies, CachePolicy
from engine.caching.template import Gap
from engine.plan.field_resolvers import Attribute, Function, Loaded
from engine.plan.nodes import Kind, Path, Plan, PlannedField, Position, Resolution, Selection, innermost, keys_of
from engine.run.complete_value import INTERPRETED
from engine.run.context import Run


class _NotCacheable(Exception):
    """Something in a field's value can neither be kept with it nor be left out."""


def cache_fields(plan: Plan, plan_again: Callable[[], Plan], policies: CachePolicies) -> None:
    """Makes fields of a query cached that the policies name, where nothing above them is a list.

    `plan_again`: plans the same operation once more. By that plan values are made; most operations need none.
    """
    if plan.source.operation.operation is OperationType.QUERY and _names_any(policies, plan.root):
        made_plan = plan_again()
        _cache_below(plan.root, made_plan.root, made_plan, policies, ())


def _names_any(policies: CachePolicies, selection: Selection) -> bool:
    return any(
        policies.of_field(selection.type, field.name, field.definition) is not None
        or (field.position.kind is Kind.OBJECT and _names_any(policies, field.position.selections[field.position.type]))
        for field in selection.fields
    )


def _cache_below(
    selection: Selection,
    made: Selection,
    made_plan: Plan,
    policies: CachePolicies,
    above: tuple[PlannedField, ...],
) -> None:
    for field, made_field in zip(selection.fields, made.fields, strict=True):
        policy = policies.of_field(selection.type, field.name, field.definition)
        if policy is not None and isinstance(field.resolution, Loaded | Function):
            planner = _CachedFieldPlanner(field, made_field, made_plan, field.resolution, policy, policies)
            try:
                field.resolution = planner.planned(above)
                continue
            except _NotCacheable:
                # What is below may be cached still.
                pass
        position, made_position = field.position, made_field.position
        if position.kind is Kind.OBJECT:
            _cache_below(
                position.selections[position.type],
                made_position.selections[made_position.type],
                made_plan,
                policies,
                (*above, field),
            )


class LeftOut:
    """In the place of a personal field, where a value for others is made: what is needed to answer it later."""

    def __init__(self, gap: int, key: Attribute | None) -> None:
        self._gap = gap
        self._key = key

    def value(self, source: Any, run: Run, field: PlannedField, path: Path) -> Gap | None:
        keys = tuple(keys_of(path)[1:])
        if self._key is None:
            return Gap(self._gap, None, keys)
        key = self._key.value(source, run, field, path)
        if not isinstance(key, UUID | None):
            raise TypeError(f"{type(key).__name__} is not the key of a personal field")
        return None if key is None else Gap(self._gap, key, keys)


# A leaf type whose values are placed as they are.
_LEFT_OUT_TYPE = GraphQLScalarType("Hole", coerce_output_value=lambda value: value)


class _CachedFieldPlanner:
    def __init__(
        self,
        field: PlannedField,
        made: PlannedField,
        made_plan: Plan,
        live: Loaded | Function,
        policy: CachePolicy,
        policies: CachePolicies,
    ) -> None:
        self._field = field
        self._made = made
        self._made_plan = made_plan
        self._live = live
        self._policies = policies
        self._cached = CachedField(live, field, policy)
        self._text = _Text()
        # What has been left out already, if it turns out that something can be neither.
        self._left_out: list[tuple[PlannedField, Resolution, Position]] = []

    def planned(self, above: tuple[PlannedField, ...]) -> CachedField:
        """`above`: the fields that lead to it, from the root. Raises _NotCacheable."""
        cached, made = self._cached, self._made
        self._is_part_by_type(self._field)
        try:
            place = ".".join([self._text.of(field) for field in (*above, self._field)])
            text = f"{place}{self._sort_position(self._field, made)}"
        except _NotCacheable:
            for field, resolution, position in self._left_out:
                field.resolution, field.position = resolution, position
            raise
        cached.identify(text, tuple(self._text.variables))
        # It is the root where it is made.
        made.parent = None
        cached.made, cached.made_plan = made, self._made_plan
        return cached

    def _sort_position(self, field: PlannedField, made: PlannedField) -> str:
        position, made_position = innermost(field.position), innermost(made.position)
        if position.kind is Kind.LEAF:
            return ""
        if position.kind is Kind.ABSTRACT:
            raise _NotCacheable
        selection, made_selection = position.selections[position.type], made_position.selections[made_position.type]
        texts = [
            self._sort(part, made_part) for part, made_part in zip(selection.fields, made_selection.fields, strict=True)
        ]
        return f"{{{' '.join(texts)}}}"

    def _sort(self, field: PlannedField, made: PlannedField) -> str:
        """What the key says of it."""
        if self._is_part(field):
            return f"{field.key}:{self._text.of(field)}{self._sort_position(field, made)}"
        gap = len(self._cached.gaps)
        key = self._key_of_gap(field)
        self._cached.gaps.append(field)
        self._left_out.append((made, made.resolution, made.position))
        made.resolution = LeftOut(gap, key)
        made.position = Position(made, _LEFT_OUT_TYPE, INTERPRETED)
        return f"{field.key}:?{key.name if key is not None else ''}"

    def _is_part(self, field: PlannedField) -> bool:
        policy = self._policies.of_field(field.parent_type, field.name, field.definition)
        return self._is_part_by_type(field) if policy is None else self._admits(policy)

    def _is_part_by_type(self, field: PlannedField) -> bool:
        """What has an id of its own has to say that it may be kept; what has none is as what it is in."""
        type_ = get_named_type(field.definition.type)
        if not is_object_type(type_):
            return True
        policy = self._policies.of_type(type_)
        return "id" not in type_.fields if policy is None else self._admits(policy)

    def _admits(self, policy: CachePolicy) -> bool:
        """Whether the value may have such a part. It is kept for no longer than that."""
        self._cached.max_age = min(self._cached.max_age, policy.max_age)
        return self._cached.policy.is_private or not policy.is_private

    def _key_of_gap(self, field: PlannedField) -> Attribute | None:
        """By what its loader is asked; None: it is answered from the parent, which is at hand again and again."""
        resolution = field.resolution
        if isinstance(resolution, Loaded):
            without_key: Any = resolution.declared.value(None)
            if isinstance(resolution.key, Attribute) and not field.position.non_null and without_key is None:
                return resolution.key
        elif field.parent is self._field.position and self._is_parent_at_hand():
            return None
        raise _NotCacheable

    def _is_parent_at_hand(self) -> bool:
        return isinstance(self._live, Function) and not self._live.is_async and self._field.position.kind is Kind.OBJECT


class _Text:
    """What the document says of fields, whatever it calls its variables. `variables`: in the order of the text."""

    def __init__(self) -> None:
        self.variables: dict[str, int] = {}

    def of(self, field: PlannedField) -> str:
        """Its name and arguments."""
        numbering = _Numbering(self.variables)
        arguments = sorted(print_ast(visit(node, numbering)) for node in field.nodes[0].arguments or ())
        return f"{field.name}({', '.join(arguments)})" if arguments else field.name


class _Numbering(Visitor):
    """Gives variables numbers for names."""

    def __init__(self, variables: dict[str, int]) -> None:
        super().__init__()
        self._variables = variables

    def enter_variable(self, node: VariableNode, *_: Any) -> VariableNode:
        number = self._variables.setdefault(node.name.value, len(self._variables))
        return VariableNode(name=NameNode(value=str(number)))
