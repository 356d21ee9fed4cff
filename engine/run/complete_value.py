"""From what a resolver gave to what stands in the answer, step by step as the specification has it.

The slow path: generated code completes what it knows by class, and leaves everything else to these functions.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, Undefined, is_object_type, located_error
from graphql.pyutils import inspect, is_iterable
from strawberry.execution import optimized_is_awaitable as is_awaitable

from engine.caching.policy import CachedField, Fetched
from engine.caching.template import Shell, Spliced
from engine.plan.field_resolvers import Loaded
from engine.plan.nodes import (
    Complete,
    Fill,
    Kind,
    NodeFunctions,
    Path,
    PlannedField,
    Position,
    Resolution,
    Select,
    Selection,
    keys_of,
)
from engine.run.context import Deferred, Pending, Run, abandon
from engine.run.is_type_of import depends_on_class
from engine.run.resolve_info import ResolveInfo


class Typed:
    """A value whose object type, or whether it is of that type, had to be waited for."""

    __slots__ = ("selection", "value")

    def __init__(self, value: object, selection: Selection) -> None:
        self.value = value
        self.selection = selection


class Completed:
    """A list that is completed already, with what is pending below it, the keys to load, and lists to go on with."""

    __slots__ = ("answers", "deferred", "keys", "pending")

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.pending: list[Pending] = []
        self.keys: list[Pending] = []
        self.deferred: list[Deferred] = []


def selector(selection: Selection) -> Select:
    """Answers the selection field by field."""

    def select(source: Any, run: Run, path: Path) -> dict[str, Any]:
        run.left -= len(selection.fields)
        return {field.key: answer(field, source, run, (path, field.key)) for field in selection.fields}

    return select


def completer(position: Position) -> Complete:
    """Completes values for the position."""

    def complete_here(value: Any, run: Run, path: Path) -> Any:
        return complete(position, value, run, path)

    return complete_here


def filler(position: Position) -> Fill:
    """Completes items of lists at the position."""
    item_position = position.item
    assert item_position is not None

    def fill(items: Iterator[Any], run: Run, path: Path, found: list[Any]) -> list[Any]:
        try:
            for item in items:
                run.left -= 1
                found.append(complete_item(item_position, item, run, (path, len(found))))  # its length is the index
                if run.left < 0 and run.is_interrupted():
                    run.deferred.append((found, items, position, path))
                    break
        except Exception:
            abandon(rest_of(items))
            raise
        return found

    return fill


INTERPRETED = NodeFunctions(selector, completer, filler)


def answer(field: PlannedField, source: Any, run: Run, path: Path) -> Any:
    """A field's place in the answer. Raises GraphQLError where it failed and cannot be null."""
    try:
        resolution = field.resolution
        if isinstance(resolution, CachedField):
            return _answer_cached(resolution, source, run, path)
        return _answer_by(resolution, field, source, run, path)
    except Exception as error:
        return run.fail(error, field.position, path)


def _answer_by(resolution: Resolution, field: PlannedField, source: Any, run: Run, path: Path) -> Any:
    if isinstance(resolution, Loaded):
        key = resolution.key.value(source, run, field, path)
        if key is not None:
            run.keys.append((None, key, field.position, path))
            return None
    return complete(field.position, resolution.value(source, run, field, path), run, path)


def _answer_cached(cached: CachedField, source: Any, run: Run, path: Path) -> Any:
    cache = run.cache
    key = None if cache is None else cached.key(run)
    if cache is None or key is None:
        return _answer_by(cached.live, cached.field, source, run, path)
    shell = cache.look_up(cached, key, source, run)
    if shell is None or (run.left < 0 and run.is_interrupted()):
        fetched = Fetched.of(cache.fetch(cached, key, source, run) if shell is None else _found(shell), source)
        run.pending.append((None, fetched, cached.field.position, path))
        return None
    return _spliced(cached, shell, source, run, path)


async def _found(shell: Shell) -> Shell:
    """At hand, and for later."""
    return shell


def _answer_fetched(fetched: Fetched, position: Position, run: Run, path: Path) -> Any:
    cached = position.field.resolution
    assert isinstance(cached, CachedField)
    if fetched.shell is None:
        return _answer_by(cached.live, cached.field, fetched.source, run, path)
    return _spliced(cached, fetched.shell, fetched.source, run, path)


def _spliced(cached: CachedField, shell: Shell, source: Any, run: Run, path: Path) -> Any:
    """The shell, with what is left out of it on the way."""
    run.bytes += shell.length
    run.left -= 1 + len(shell.gaps)
    if shell.fragment is not None:
        return shell.fragment
    found = Spliced(shell)
    parent: Any = None
    for gap, place in zip(shell.gaps, found.places, strict=True):
        field = cached.gaps[gap.field]
        below = path
        for step in gap.path:
            below = (below, step)
        place[field.key] = None
        if gap.key is not None:
            run.keys.append((place, gap.key, field.position, below))
        else:
            parent = parent or cached.live.value(source, run, cached.field, path)
            place[field.key] = answer(field, parent, run, below)
    return found


def complete(position: Position, value: Any, run: Run, path: Path) -> Any:
    """The completed value, or None for one that is pending. Raises what is wrong with it."""
    if is_awaitable(value):
        run.pending.append((None, value, position, path))
        return None
    if isinstance(value, Exception):
        raise value
    if value.__class__ is Fetched:
        return _answer_fetched(value, position, run, path)
    if value is None or value is Undefined:
        if position.non_null:
            field = position.field
            raise TypeError(f"Cannot return null for non-nullable field {field.parent_type}.{field.name}.")
        return None
    return _COMPLETE[position.kind](position, value, run, path)


def complete_item(position: Position, item: Any, run: Run, path: Path) -> Any:
    """An item of a list. Raises GraphQLError where it failed and cannot be null."""
    try:
        return complete(position, item, run, path)
    except Exception as error:
        return run.fail(error, position, path)


def abandon_deferred(deferred: Iterable[Deferred]) -> None:
    """Of lists that nobody goes on with."""
    for _, items, _, _ in deferred:
        if hasattr(items, "close"):
            # A generator may have no end.
            items.close()
        else:
            abandon(rest_of(items))


def rest_of(iterator: Iterator[Any]) -> list[Any]:
    """Awaitable items of a list that failed before they were come to."""
    try:
        return [item for item in iterator if is_awaitable(item)]
    except Exception:
        return []


def _complete_leaf(position: Position, value: Any, run: Run, _path: Path) -> Any:
    type_ = position.type
    coerced = type_.coerce_output_value(value)
    if coerced is Undefined or coerced is None:
        raise TypeError(
            f"Expected `{inspect(type_)}.coerce_output_value({inspect(value)})` to return non-nullable value, "
            f"returned: {inspect(coerced)}"
        )
    position.learn(type(value))
    if coerced.__class__ is str:
        run.bytes += len(coerced)
    return coerced


def _complete_list(position: Position, value: Any, run: Run, path: Path) -> Any:
    if value.__class__ is Completed:
        run.pending.extend(value.pending)
        run.keys.extend(value.keys)
        run.deferred.extend(value.deferred)
        return value.answers
    item_position = position.item
    assert item_position is not None
    if run.is_async_iterable(value):
        run.pending.append((None, _collected(item_position, value, run, path), position, path))
        return None
    if not is_iterable(value):
        field = position.field
        raise GraphQLError(f"Expected Iterable, but did not find one for field '{field.parent_type}.{field.name}'.")
    # Not by a generated function, which takes the number of items from what it is given.
    return filler(position)(iter(value), run, path, [])


async def _collected(position: Position, iterable: Any, run: Run, path: Path) -> Completed:
    """The items of an asynchronous iterable, each completed when it comes."""
    iterator = aiter(iterable)
    completed = Completed()
    answers = completed.answers
    try:
        while (item := await _next(iterator, position, path)) is not _END:
            # What is pending below waits until the list has its place in the answer.
            others = run.pending, run.keys, run.deferred
            run.pending, run.keys, run.deferred = completed.pending, completed.keys, completed.deferred
            run.left -= 1
            try:
                answers.append(complete_item(position, item, run, (path, len(answers))))
            finally:
                run.pending, run.keys, run.deferred = others
            if run.left < 0 and run.is_interrupted():
                if run.stopped is not None:
                    break
                await asyncio.sleep(0)
    except BaseException:
        abandon(entry[1] for entry in completed.pending)
        abandon_deferred(completed.deferred)
        await _close(iterator)
        raise
    if run.stopped is not None:
        await _close(iterator)
    return completed


async def _close(iterator: AsyncIterator[Any]) -> None:
    if hasattr(iterator, "aclose"):
        with suppress(Exception):
            await iterator.aclose()


_END = object()


async def _next(iterator: AsyncIterator[Any], position: Position, path: Path) -> Any:
    try:
        return await anext(iterator)
    except StopAsyncIteration:
        return _END
    except Exception as error:
        raise located_error(error, position.field.nodes, keys_of(path)) from error


def _complete_object(position: Position, value: Any, run: Run, path: Path) -> Any:
    if value.__class__ is Typed:
        return value.selection.select(value.value, run, path)
    return _select(position, position.selections[position.type], value, run, path)


def _complete_abstract(position: Position, value: Any, run: Run, path: Path) -> Any:
    if value.__class__ is Typed:
        return value.selection.select(value.value, run, path)
    resolve_type: Callable[..., Any] = position.type.resolve_type or run.plan.source.type_resolver
    name = resolve_type(value, _info(position, run, path), position.type)
    if is_awaitable(name):
        run.pending.append((None, _typed(position, name, value, run, path), position, path))
        return None
    return _select(position, _selection_of(position, name, value, run), value, run, path)


async def _typed(position: Position, name: Awaitable[Any], value: Any, run: Run, path: Path) -> Typed:
    selection = _selection_of(position, await name, value, run)
    is_type_of: Any = selection.type.is_type_of
    if is_type_of:
        found = is_type_of(value, _info(position, run, path))
        if not (await found if is_awaitable(found) else found):
            raise _not_of_type(position, selection, value)
    return Typed(value, selection)


async def _checked(position: Position, selection: Selection, check: Awaitable[bool], value: Any) -> Typed:
    if not await check:
        raise _not_of_type(position, selection, value)
    return Typed(value, selection)


def _select(position: Position, selection: Selection, value: Any, run: Run, path: Path) -> Any:
    is_type_of: Any = selection.type.is_type_of
    if is_type_of:
        found = is_type_of(value, _info(position, run, path))
        if is_awaitable(found):
            run.pending.append((None, _checked(position, selection, found, value), position, path))
            return None
        if not found:
            raise _not_of_type(position, selection, value)
    if position.kind is Kind.OBJECT and depends_on_class(selection.type):
        position.learn(type(value))
    return selection.select(value, run, path)


def _selection_of(position: Position, name: Any, value: Any, run: Run) -> Selection:
    type_ = _runtime_type(position, name, value, run)
    return position.selections.get(type_) or run.plan.grow(position, type_)


def _runtime_type(position: Position, name: Any, value: Any, run: Run) -> GraphQLObjectType:
    abstract, field, schema = position.type, position.field, run.plan.source.schema
    place = f"for field '{field.parent_type}.{field.name}'"
    problem: str | None = None
    type_: Any = None
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
    found: GraphQLObjectType = type_
    return found


def _not_of_type(position: Position, selection: Selection, value: Any) -> GraphQLError:
    return GraphQLError(f"Expected value of type '{selection.type}' but got: {inspect(value)}.", position.field.nodes)


def _info(position: Position, run: Run, path: Path) -> ResolveInfo:
    """The info of the field that the position belongs to, whose path has no index."""
    while position.outer is not None:
        assert path is not None
        position, path = position.outer, path[0]
    return ResolveInfo(run, position.field, path)


_COMPLETE: dict[Kind, Callable[[Position, Any, Run, Path], Any]] = {
    Kind.LEAF: _complete_leaf,
    Kind.OBJECT: _complete_object,
    Kind.ABSTRACT: _complete_abstract,
    Kind.LIST: _complete_list,
}
