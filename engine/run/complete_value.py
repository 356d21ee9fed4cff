"""Completes values step by step as the GraphQL specification defines it (CompleteValue).

This is the slow path: generated code completes common values, and calls these functions for all others.
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from graphql import GraphQLError, GraphQLNamedType, GraphQLObjectType, Undefined, is_object_type, located_error
from graphql.pyutils import inspect, is_iterable
from strawberry.execution import optimized_is_awaitable as is_awaitable

from engine.caching.policy import CachedField, CacheLookup
from engine.caching.template import RenderedTemplate, Template
from engine.plan.field_resolvers import LoaderResolver
from engine.plan.nodes import (
    Complete,
    FieldPlan,
    FieldResolver,
    Fill,
    NodeFunctions,
    Path,
    ResponsePosition,
    Select,
    SelectionPlan,
    TypeKind,
    path_to_list,
)
from engine.run.context import Deferred, ExecutionContext, Pending, discard_awaitables
from engine.run.is_type_of import depends_on_class
from engine.run.resolve_info import ResolveInfo


class ResolvedObject:
    """A value whose object type was resolved or checked asynchronously."""

    __slots__ = ("selection", "value")

    def __init__(self, value: object, selection: SelectionPlan) -> None:
        self.value = value
        self.selection = selection


class CompletedList:
    """An asynchronous iterable after it was completed, with what is pending below it."""

    __slots__ = ("answers", "deferred", "pending", "pending_loads")

    def __init__(self) -> None:
        self.answers: list[object] = []
        self.pending: list[Pending] = []
        self.pending_loads: list[Pending] = []
        self.deferred: list[Deferred] = []


def interpret_selection(selection: SelectionPlan) -> Select:
    """A function that executes the selection field by field."""

    def select(source: object, run: ExecutionContext, path: Path) -> dict[str, object]:
        run.remaining -= len(selection.fields)
        return {field.key: execute_field(field, source, run, (path, field.key)) for field in selection.fields}

    return select


def interpret_position(position: ResponsePosition) -> Complete:
    """A function that completes values at the position."""

    def complete_here(value: object, run: ExecutionContext, path: Path) -> object:
        return complete_value(position, value, run, path)

    return complete_here


def interpret_list(position: ResponsePosition) -> Fill:
    """A function that completes items of lists at the position."""
    item_position = position.item
    assert item_position is not None

    def fill(items: Iterator[object], run: ExecutionContext, path: Path, found: list[object]) -> list[object]:
        try:
            for item in items:
                run.remaining -= 1
                found.append(complete_item(item_position, item, run, (path, len(found))))  # its length is the index
                if run.remaining < 0 and run.is_interrupted():
                    run.deferred.append((found, items, position, path))
                    break
        except Exception:
            discard_awaitables(remaining_awaitables(items))
            raise
        return found

    return fill


INTERPRETED = NodeFunctions(interpret_selection, interpret_position, interpret_list)


def execute_field(field: FieldPlan, source: object, run: ExecutionContext, path: Path) -> object:
    """The field's value in the response. Raises GraphQLError if it failed and is non-null."""
    try:
        resolver = field.resolver
        if isinstance(resolver, CachedField):
            return _resolve_cached(resolver, source, run, path)
        return _resolve_and_complete(resolver, field, source, run, path)
    except Exception as error:
        run.handle_field_error(error, field.position, path)
        return None


def _resolve_and_complete(
    resolver: FieldResolver, field: FieldPlan, source: object, run: ExecutionContext, path: Path
) -> object:
    if isinstance(resolver, LoaderResolver):
        key = resolver.key.resolve(source, run, field, path)
        if key is not None:
            run.pending_loads.append((None, key, field.position, path))
            return None
    return complete_value(field.position, resolver.resolve(source, run, field, path), run, path)


def _resolve_cached(cached: CachedField, source: object, run: ExecutionContext, path: Path) -> object:
    cache = run.cache
    key = None if cache is None else cached.key(run)
    if cache is None or key is None:
        return _resolve_and_complete(cached.resolver, cached.field, source, run, path)
    template = cache.get_local(cached, key, source, run)
    if template is None or (run.remaining < 0 and run.is_interrupted()):
        fetched = CacheLookup.of(
            cache.get_or_compute(cached, key, source, run) if template is None else _as_awaitable(template), source
        )
        run.pending.append((None, fetched, cached.field.position, path))
        return None
    return _render(cached, template, source, run, path)


async def _as_awaitable(template: Template) -> Template:
    """Makes a local template awaitable."""
    return template


def _complete_lookup(fetched: CacheLookup, position: ResponsePosition, run: ExecutionContext, path: Path) -> object:
    cached = position.field.resolver
    assert isinstance(cached, CachedField)
    if fetched.template is None:
        return _resolve_and_complete(cached.resolver, cached.field, fetched.source, run, path)
    return _render(cached, fetched.template, fetched.source, run, path)


def _render(cached: CachedField, template: Template, source: object, run: ExecutionContext, path: Path) -> object:
    """The template with its holes filled; pending values are filled later."""
    run.bytes += template.length
    run.remaining -= 1 + len(template.holes)
    if template.fragment is not None:
        return template.fragment
    found = RenderedTemplate(template)
    parent: object = None
    for hole, slot in zip(template.holes, found.slots, strict=True):
        field = cached.holes[hole.field]
        below = path
        for step in hole.path:
            below = (below, step)
        slot[field.key] = None
        if hole.key is not None:
            run.pending_loads.append((slot, hole.key, field.position, below))
        else:
            parent = parent or cached.resolver.resolve(source, run, cached.field, path)
            slot[field.key] = execute_field(field, parent, run, below)
    return found


def complete_value(position: ResponsePosition, value: object, run: ExecutionContext, path: Path) -> object:
    """The completed value, or None if it is pending. Raises any error of the value."""
    if is_awaitable(value):
        run.pending.append((None, value, position, path))
        return None
    if isinstance(value, Exception):
        raise value
    if value.__class__ is CacheLookup:
        return _complete_lookup(value, position, run, path)
    if value is None or value is Undefined:
        if position.non_null:
            field = position.field
            raise TypeError(f"Cannot return null for non-nullable field {field.parent_type}.{field.name}.")
        return None
    return _COMPLETE[position.kind](position, value, run, path)


def complete_item(position: ResponsePosition, item: object, run: ExecutionContext, path: Path) -> object:
    """An item of a list. Raises GraphQLError if it failed and is non-null."""
    try:
        return complete_value(position, item, run, path)
    except Exception as error:
        run.handle_field_error(error, position, path)
        return None


def discard_deferred(deferred: Iterable[Deferred]) -> None:
    """Discards lists whose remaining items are not needed."""
    for _, items, _, _ in deferred:
        if hasattr(items, "close"):
            # A generator may be infinite.
            items.close()
        else:
            discard_awaitables(remaining_awaitables(items))


def remaining_awaitables(iterator: Iterator[object]) -> list[object]:
    """Awaitables among the remaining items of a list that failed."""
    try:
        return [item for item in iterator if is_awaitable(item)]
    except Exception:
        return []


def _complete_leaf(position: ResponsePosition, value: object, run: ExecutionContext, _path: Path) -> object:
    type_ = position.type
    coerced = type_.coerce_output_value(value)
    if coerced is Undefined or coerced is None:
        raise TypeError(
            f"Expected `{inspect(type_)}.coerce_output_value({inspect(value)})` to return non-nullable value, "
            f"returned: {inspect(coerced)}"
        )
    position.remember_type(type(value))
    if coerced.__class__ is str:
        run.bytes += len(coerced)
    return coerced


def _complete_list(position: ResponsePosition, value: object, run: ExecutionContext, path: Path) -> object:
    if value.__class__ is CompletedList:
        run.pending.extend(value.pending)
        run.pending_loads.extend(value.pending_loads)
        run.deferred.extend(value.deferred)
        return value.answers
    item_position = position.item
    assert item_position is not None
    if run.is_async_iterable(value):
        run.pending.append((None, _complete_async_iterable(item_position, value, run, path), position, path))
        return None
    if not is_iterable(value):
        field = position.field
        raise GraphQLError(f"Expected Iterable, but did not find one for field '{field.parent_type}.{field.name}'.")
    # Not a generated function, which needs the length of the list.
    return interpret_list(position)(iter(value), run, path, [])


async def _complete_async_iterable(
    position: ResponsePosition, iterable: AsyncIterable[object], run: ExecutionContext, path: Path
) -> CompletedList:
    """Completes each item as it arrives."""
    iterator = aiter(iterable)
    completed = CompletedList()
    answers = completed.answers
    try:
        while (item := await _next(iterator, position, path)) is not _END:
            # Values below are pending until the list is placed in the response.
            others = run.pending, run.pending_loads, run.deferred
            run.pending, run.pending_loads, run.deferred = (
                completed.pending,
                completed.pending_loads,
                completed.deferred,
            )
            run.remaining -= 1
            try:
                answers.append(complete_item(position, item, run, (path, len(answers))))
            finally:
                run.pending, run.pending_loads, run.deferred = others
            if run.remaining < 0 and run.is_interrupted():
                if run.stopped is not None:
                    break
                await asyncio.sleep(0)
    except BaseException:
        discard_awaitables(entry[1] for entry in completed.pending)
        discard_deferred(completed.deferred)
        await _close(iterator)
        raise
    if run.stopped is not None:
        await _close(iterator)
    return completed


async def _close(iterator: AsyncIterator[object]) -> None:
    if hasattr(iterator, "aclose"):
        with suppress(Exception):
            await iterator.aclose()


_END = object()


async def _next(iterator: AsyncIterator[object], position: ResponsePosition, path: Path) -> object:
    try:
        return await anext(iterator)
    except StopAsyncIteration:
        return _END
    except Exception as error:
        raise located_error(error, position.field.nodes, path_to_list(path)) from error


def _complete_object(position: ResponsePosition, value: object, run: ExecutionContext, path: Path) -> object:
    if value.__class__ is ResolvedObject:
        return value.selection.select(value.value, run, path)
    return _select(position, position.selections[position.type], value, run, path)


def _complete_abstract(position: ResponsePosition, value: object, run: ExecutionContext, path: Path) -> object:
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
    type_ = _runtime_type(position, name, value, run)
    return position.selections.get(type_) or run.plan.plan_concrete_type(position, type_)


def _runtime_type(position: ResponsePosition, name: object, value: object, run: ExecutionContext) -> GraphQLObjectType:
    abstract, field, schema = position.type, position.field, run.plan.source.schema
    place = f"for field '{field.parent_type}.{field.name}'"
    problem: str | None = None
    type_: GraphQLNamedType | None = None
    if name is None:
        problem = (
            f"Abstract type '{abstract}' must resolve to an Object type at runtime {place}. Either the '{abstract}' "
            "type should provide a 'resolve_type' function or each possible type should provide an 'is_type_of' "
            "function."
        )
    elif not isinstance(name, str):
        problem = (
            f"Abstract type '{abstract}' must resolve to an Object type at runtime {place} with value "
            f"{inspect(value)}, received '{inspect(name)}', which is not a valid Object type name."
        )
    elif (type_ := schema.get_type(name)) is None:
        problem = f"Abstract type '{abstract}' was resolved to a type '{name}' that does not exist inside the schema."
    elif not is_object_type(type_):
        problem = f"Abstract type '{abstract}' was resolved to a non-object type '{name}'."
    elif not schema.is_sub_type(abstract, type_):
        problem = f"Runtime Object type '{type_}' is not a possible type for '{abstract}'."
    if problem is not None:
        raise GraphQLError(problem, field.nodes)
    assert is_object_type(type_)
    return type_


def _not_of_type(position: ResponsePosition, selection: SelectionPlan, value: object) -> GraphQLError:
    return GraphQLError(f"Expected value of type '{selection.type}' but got: {inspect(value)}.", position.field.nodes)


def _info(position: ResponsePosition, run: ExecutionContext, path: Path) -> ResolveInfo:
    """The info of the position's field, whose path ends without an index."""
    while position.outer is not None:
        assert path is not None
        position, path = position.outer, path[0]
    return ResolveInfo(run, position.field, path)


_COMPLETE: dict[TypeKind, Callable[[ResponsePosition, object, ExecutionContext, Path], object]] = {
    TypeKind.LEAF: _complete_leaf,
    TypeKind.OBJECT: _complete_object,
    TypeKind.ABSTRACT: _complete_abstract,
    TypeKind.LIST: _complete_list,
}
