"""Runs a blocking generator in a thread, one item ahead of its reader."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TypeVar

from common.executors import run_in

ItemT = TypeVar("ItemT")


async def read_ahead(items: Generator[ItemT, None, None], executor: ThreadPoolExecutor) -> AsyncGenerator[ItemT, None]:
    """Yield the items of a generator, which computes the next one while the caller works on the last. Close it."""
    with closing(items):
        following = _start(items, executor)
        try:
            while True:
                # Not awaited itself, because a cancelled future says nothing about the thread.
                await asyncio.wait((following,))
                item = following.result()
                if item is None:
                    return
                following = _start(items, executor)
                yield item
        finally:
            # A generator cannot be closed while it runs.
            await asyncio.wait((following,))
            if not following.cancelled():
                following.exception()


def _start(items: Generator[ItemT, None, None], executor: ThreadPoolExecutor) -> "asyncio.Task[ItemT | None]":
    return asyncio.create_task(run_in(executor, next, items, None))
