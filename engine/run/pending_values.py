"""Completes values that were awaited or loaded, in slices with yields to the event loop between."""

import asyncio
from collections.abc import Sequence

from engine.nodes import ResponsePosition
from engine.run.context import Deferred, ExecutionContext, Pending
from engine.run.discarding import discard_items


def complete_pending(run: ExecutionContext, entry: Pending, value: object) -> None:
    container, _, position, path = entry
    if run.nulled_paths and run.is_nulled(path):
        return
    try:
        completed = position.complete(value, run, path)
    except Exception as error:
        run.handle_async_error(error, position, path)
    else:
        run.set_at_path(container, path, completed)


async def complete_loaded(run: ExecutionContext, entries: Sequence[Pending], values: Sequence[object]) -> None:
    """Like `complete_pending` for each entry, in one loop for speed."""
    last: ResponsePosition | None = None
    for (container, _, position, path), loaded in zip(entries, values, strict=True):
        if position is not last:
            loader_field = position.field.loader_field
            assert loader_field is not None
            value_of = loader_field.value
            complete = position.complete
            last = position
        try:
            if isinstance(loaded, Exception):
                raise loaded
            value = value_of(loaded)
            if run.nulled_paths and run.is_nulled(path):
                continue
            completed = complete(value, run, path)
        except Exception as error:
            run.handle_async_error(error, position, path)
        else:
            if container is None:
                run.set_at_path(None, path, completed)
            else:
                assert path is not None
                container[path[1]] = completed
        if run.remaining < 0 and run.is_interrupted():
            await yield_to_loop(run)
            if run.stopped is not None:
                return


async def yield_to_loop(run: ExecutionContext) -> None:
    """Yields to other tasks once, then continues deferred lists until all are complete."""
    lists: list[Deferred] = []
    try:
        while True:
            # Inner lists before the remaining items of outer ones.
            lists, run.deferred = run.deferred + lists, []
            await asyncio.sleep(0)
            while lists and not run.deferred and run.stopped is None:
                _resume(run, lists.pop(0))
            if run.stopped is not None or not (lists or run.deferred):
                return
    finally:
        run.deferred += lists


def _resume(run: ExecutionContext, deferred: Deferred) -> None:
    found, items, position, path = deferred
    if run.nulled_paths and run.is_nulled(path):
        discard_items((items,))
        return
    try:
        position.fill(items, run, path, found)
    except Exception as error:
        assert position.item is not None
        run.handle_async_error(error, position.item, (path, len(found)))


def fail_all(run: ExecutionContext, entries: Sequence[Pending], error: Exception) -> None:
    for _, _, position, path in entries:
        run.handle_async_error(error, position, path)
