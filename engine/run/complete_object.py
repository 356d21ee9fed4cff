"""Completes values of object and abstract types: resolves and checks their type, and executes its selection."""

from collections.abc import Awaitable, Callable
from typing import Any

from graphql import GraphQLError
from graphql.pyutils import inspect
from strawberry.execution import optimized_is_awaitable as is_awaitable

from engine.nodes import Path, ResponsePosition, SelectionPlan, TypeKind
from engine.run.context import ExecutionContext
from engine.run.is_type_of import depends_on_class
from engine.run.resolve_info import ResolveInfo
from engine.run.runtime_types import resolve_runtime_type


class ResolvedObject:
    """A value whose object type was resolved or checked asynchronously."""

    __slots__ = ("selection", "value")

    def __init__(self, value: object, selection: SelectionPlan) -> None:
        self.value = value
        self.selection = selection


def complete_object(position: ResponsePosition, value: object, run: ExecutionContext, path: Path) -> object:
    if value.__class__ is ResolvedObject:
        return value.selection.select(value.value, run, path)
    return _select(position, position.selections[position.type], value, run, path)


def complete_abstract(position: ResponsePosition, value: object, run: ExecutionContext, path: Path) -> object:
    if value.__class__ is ResolvedObject:
        return value.selection.select(value.value, run, path)
    resolve_type: Callable[..., Any] = position.type.resolve_type or run.plan.source.type_resolver
    name = resolve_type(value, _info(position, run, path), position.type)
    if is_awaitable(name):
        run.pending.append((None, _resolve_type_async(position, name, value, run, path), position, path))
        return None
    return _select(position, _selection_of(position, name, value, run), value, run, path)


async def _resolve_type_async(
    position: ResponsePosition, name: Awaitable[object], value: object, run: ExecutionContext, path: Path
) -> ResolvedObject:
    selection = _selection_of(position, await name, value, run)
    is_type_of: Any = selection.type.is_type_of
    if is_type_of:
        found = is_type_of(value, _info(position, run, path))
        if not (await found if is_awaitable(found) else found):
            raise _not_of_type(position, selection, value)
    return ResolvedObject(value, selection)


async def _check_type_async(
    position: ResponsePosition, selection: SelectionPlan, check: Awaitable[bool], value: object
) -> ResolvedObject:
    if not await check:
        raise _not_of_type(position, selection, value)
    return ResolvedObject(value, selection)


def _select(
    position: ResponsePosition, selection: SelectionPlan, value: object, run: ExecutionContext, path: Path
) -> object:
    is_type_of: Any = selection.type.is_type_of
    if is_type_of:
        found = is_type_of(value, _info(position, run, path))
        if is_awaitable(found):
            run.pending.append((None, _check_type_async(position, selection, found, value), position, path))
            return None
        if not found:
            raise _not_of_type(position, selection, value)
    if position.kind is TypeKind.OBJECT and depends_on_class(selection.type):
        position.remember_type(type(value))
    return selection.select(value, run, path)


def _selection_of(position: ResponsePosition, name: object, value: object, run: ExecutionContext) -> SelectionPlan:
    type_ = resolve_runtime_type(position, name, value, run.plan.source.schema)
    return position.selections.get(type_) or run.plan.plan_concrete_type(position, type_)


def _not_of_type(position: ResponsePosition, selection: SelectionPlan, value: object) -> GraphQLError:
    return GraphQLError(f"Expected value of type '{selection.type}' but got: {inspect(value)}.", position.field.nodes)


def _info(position: ResponsePosition, run: ExecutionContext, path: Path) -> ResolveInfo:
    """The info of the position's field, whose path ends without an index."""
    while position.outer is not None:
        assert path is not None
        position, path = position.outer, path[0]
    return ResolveInfo(run, position.field, path)
