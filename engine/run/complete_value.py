"""Completes values step by step as the GraphQL specification defines it (CompleteValue).

This is the slow path: generated code completes common values, and calls these functions for all others.
"""

from collections.abc import Callable, Iterator

from graphql import GraphQLError, Undefined
from graphql.pyutils import inspect, is_iterable
from strawberry.execution import optimized_is_awaitable as is_awaitable

from engine.caching.policy import CachedField, CacheLookup
from engine.caching.template import RenderedTemplate, Template
from engine.nodes import (
    FieldPlan,
    FieldResolver,
    Path,
    ResponsePosition,
    TypeKind,
)
from engine.run.async_iterables import CompletedList, complete_async_iterable
from engine.run.complete_object import complete_abstract, complete_object
from engine.run.context import ExecutionContext
from engine.run.discarding import discard_awaitables, remaining_awaitables
from engine.run.loader_resolver import LoaderResolver


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


def complete_items(
    position: ResponsePosition, items: Iterator[object], run: ExecutionContext, path: Path, found: list[object]
) -> list[object]:
    """Completes items and appends them, until it is time to yield to other tasks."""
    item_position = position.item
    assert item_position is not None
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
        return value.items
    item_position = position.item
    assert item_position is not None
    if run.is_async_iterable(value):
        run.pending.append(
            (None, complete_async_iterable(item_position, value, run, path, complete_item), position, path)
        )
        return None
    if not is_iterable(value):
        field = position.field
        place = f"field '{field.parent_type}.{field.name}'"
        raise GraphQLError(f"Expected Iterable, but did not find one for {place}.")
    # Not by a generated function, which needs the length of the list.
    return complete_items(position, iter(value), run, path, [])


_COMPLETE: dict[TypeKind, Callable[[ResponsePosition, object, ExecutionContext, Path], object]] = {
    TypeKind.LEAF: _complete_leaf,
    TypeKind.OBJECT: complete_object,
    TypeKind.ABSTRACT: complete_abstract,
    TypeKind.LIST: _complete_list,
}
