"""Completes asynchronous iterables."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import suppress

from engine.nodes import Path, ResponsePosition
from engine.run.context import Deferred, ExecutionContext, Pending
from engine.run.discarding import discard_awaitables, discard_items
from engine.run.located_error import locate


class CompletedList:
    """An asynchronous iterable after it was completed, with what is pending below it."""

    __slots__ = ("deferred", "items", "pending", "pending_loads")

    def __init__(self) -> None:
        self.items: list[object] = []
        self.pending: list[Pending] = []
        self.pending_loads: list[Pending] = []
        self.deferred: list[Deferred] = []


_END = object()


async def complete_async_iterable(
    position: ResponsePosition,
    iterable: AsyncIterable[object],
    run: ExecutionContext,
    path: Path,
    complete_item: Callable[[ResponsePosition, object, ExecutionContext, Path], object],
) -> CompletedList:
    """Completes each item as it arrives."""
    iterator = aiter(iterable)
    completed = CompletedList()
    items = completed.items
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
                items.append(complete_item(position, item, run, (path, len(items))))
            finally:
                run.pending, run.pending_loads, run.deferred = others
            if run.remaining < 0 and run.is_interrupted():
                if run.stopped is not None:
                    break
                await asyncio.sleep(0)
    except BaseException:
        discard_awaitables(entry[1] for entry in completed.pending)
        discard_items(items for _, items, _, _ in completed.deferred)
        await _close(iterator)
        raise
    if run.stopped is not None:
        await _close(iterator)
    return completed


async def _close(iterator: AsyncIterator[object]) -> None:
    if hasattr(iterator, "aclose"):
        with suppress(Exception):
            await iterator.aclose()


async def _next(iterator: AsyncIterator[object], position: ResponsePosition, path: Path) -> object:
    try:
        return await anext(iterator)
    except StopAsyncIteration:
        return _END
    except Exception as error:
        raise locate(error, position, path) from error
