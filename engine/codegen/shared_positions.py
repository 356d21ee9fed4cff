"""Positions whose completed values responses have in common."""

from collections.abc import Callable
from itertools import count
from typing import Any

from graphql import GraphQLID, GraphQLObjectType

from engine.codegen.leaf_values import is_plain_list
from engine.loading.shared_values import SharedValues
from engine.nodes import FieldPlan, Path, ResponsePosition, TypeKind
from engine.plan.field_resolvers import AttributeResolver, FunctionResolver, TypenameResolver
from engine.run.context import ExecutionContext

_numbers = count()


def is_shareable(position: ResponsePosition) -> bool:
    """Whether the completed value depends on nothing but the value: an object of which only attributes are read."""
    return (
        position.kind is TypeKind.OBJECT
        and isinstance(position.type, GraphQLObjectType)
        and all(map(_is_attribute, position.selections[position.type].fields))
    )


def _is_attribute(field: FieldPlan) -> bool:
    resolver = field.resolver
    if field.position.kind is not TypeKind.LEAF and not is_plain_list(field.position):
        return False
    if isinstance(resolver, FunctionResolver):
        reads = getattr(resolver.function, "reads_attributes", None)
        is_alone = resolver.info_name is None and not resolver.is_async and resolver.arguments.constant_values == {}
        return reads is not None and is_alone and field.position.type is GraphQLID
    return isinstance(resolver, TypenameResolver) or (isinstance(resolver, AttributeResolver) and resolver.is_plain)


class SharedPosition:
    """A position in a plan. `number`: of this position alone."""

    __slots__ = ("number",)

    def __init__(self) -> None:
        self.number = next(_numbers)

    def complete(
        self,
        known: SharedValues[Any, Any],
        key: object,
        complete: Callable[..., object],
        value: object,
        run: ExecutionContext,
        path: Path,
    ) -> object:
        """Complete a value, and keep it for other runs unless it has an error or is incomplete."""
        values, state = run.values, _state_of(run)
        completed = complete(value, run, path)
        if _state_of(run) == state:
            known.add_completed(self.number, key, completed, run.values - values)
        return completed


def _state_of(run: ExecutionContext) -> tuple[int, ...]:
    return len(run.errors), len(run.pending), len(run.pending_loads), len(run.deferred), run.bytes
