"""Discards awaitables that are no longer needed, so that asyncio does not warn of them."""

import asyncio
from collections.abc import Iterable, Iterator

from strawberry.execution import optimized_is_awaitable as is_awaitable

from engine.run.traced_awaitable import TracedAwaitable


def discard_awaitables(values: Iterable[object]) -> None:
    """Closes coroutines that have not started, and ignores the results of futures."""
    for value in values:
        if asyncio.iscoroutine(value) or isinstance(value, TracedAwaitable):
            value.close()
        elif isinstance(value, asyncio.Future):
            value.add_done_callback(_consume_exception)


def _consume_exception(future: "asyncio.Future[object]") -> None:
    """Marks the exception as retrieved; asyncio would log it otherwise."""
    if not future.cancelled():
        future.exception()


def discard_items(iterators: Iterable[Iterator[object]]) -> None:
    """Discards the remaining items of lists."""
    for items in iterators:
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
