"""A generator in a thread, one item ahead."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import aclosing

import pytest

from common.executors import COMPUTING
from common.read_ahead import read_ahead


async def test_next_item_is_computed_while_one_is_used() -> None:
    started = [threading.Event() for _ in range(3)]

    def numbers() -> Generator[int, None, None]:
        for number, event in enumerate(started):
            event.set()
            yield number

    found = []
    async with aclosing(read_ahead(numbers(), COMPUTING)) as items:
        async for item in items:
            found.append(item)
            following = started[min(item + 1, 2)]
            assert await asyncio.to_thread(following.wait, 30)
    assert found == [0, 1, 2]


async def test_errors_are_raised_after_the_items_before_them() -> None:
    def numbers() -> Generator[int, None, None]:
        yield 1
        raise ValueError("2")

    async with aclosing(read_ahead(numbers(), COMPUTING)) as items:
        assert await anext(items) == 1
        with pytest.raises(ValueError, match="2"):
            await anext(items)


async def test_generator_is_closed_after_what_it_computes() -> None:
    running, may_end, closed = threading.Event(), threading.Event(), threading.Event()

    def numbers() -> Generator[int, None, None]:
        try:
            yield 1
            running.set()
            may_end.wait(30)
            yield 2
        finally:
            closed.set()

    async def use() -> None:
        async with aclosing(read_ahead(numbers(), COMPUTING)) as items:
            async for _ in items:
                await asyncio.Event().wait()

    using = asyncio.create_task(use())
    assert await asyncio.to_thread(running.wait, 30)
    using.cancel()
    asyncio.get_running_loop().call_soon(may_end.set)
    with pytest.raises(asyncio.CancelledError):
        await using
    assert closed.is_set()
