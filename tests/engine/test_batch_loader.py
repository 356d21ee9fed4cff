"""Keys are loaded once, whether they are asked for one by one or a level at a time."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from engine.loading.batch_loader import BatchLoader


class Doubles(BatchLoader[int, int]):
    """Doubles numbers. A key below zero fails alone, zero fails its whole batch."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[int]] = []

    async def load_batch(self, keys: Sequence[int]) -> list[Any]:
        self.batches.append([*keys])
        await asyncio.sleep(0)
        if 0 in keys:
            raise ValueError("zero")
        return [LookupError(f"{key} is negative") if key < 0 else 2 * key for key in keys]


async def test_a_level_is_one_batch_each_key_once() -> None:
    loader = Doubles()
    assert await loader.load_all([3, 1, 3], at_once=True) == [6, 2, 6]
    assert loader.batches == [[3, 1]]


@pytest.mark.parametrize("at_once", [True, False])
async def test_what_was_loaded_is_not_loaded_again(at_once: bool) -> None:
    loader = Doubles()
    assert await loader.load(1) == 2
    assert await loader.load_all([1, 2], at_once=at_once) == [2, 4]
    assert await loader.load(2) == 4
    assert await loader.load_all([2, 1], at_once=at_once) == [4, 2]
    assert loader.batches == [[1], [2]]


async def test_a_level_joins_what_is_asked_for_one_by_one() -> None:
    loader = Doubles()
    one, level, other = await asyncio.gather(
        loader.load(1), loader.load_all([2, 1, 3], at_once=False), loader.load_all([4, 2], at_once=False)
    )
    assert (one, level, other) == (2, [4, 2, 6], [8, 4])
    assert loader.batches == [[1, 2, 3, 4]]


async def test_a_level_needs_nobody_to_join() -> None:
    loader = Doubles()
    assert await loader.load_all([2, 1], at_once=False) == [4, 2]
    assert loader.batches == [[2, 1]]


async def test_a_key_that_is_under_way_is_waited_for() -> None:
    loader = Doubles()
    level = asyncio.ensure_future(loader.load_all([1, 2], at_once=True))
    await asyncio.sleep(0)
    assert await loader.load(1) == 2
    assert await loader.load_all([2, 3], at_once=True) == [4, 6]
    assert await level == [2, 4]
    assert loader.batches == [[1, 2], [3]]


async def test_a_key_that_fails_fails_alone() -> None:
    loader = Doubles()
    good, bad = await loader.load_all([1, -1], at_once=True)
    assert good == 2
    assert isinstance(bad, LookupError)
    with pytest.raises(LookupError, match="-1 is negative"):
        await loader.load(-1)
    assert loader.batches == [[1, -1]]


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_batch_that_failed_is_tried_again(at_once: bool) -> None:
    loader = Doubles()
    for _ in range(2):
        with pytest.raises(ValueError, match="zero"):
            await loader.load_all([0, 1], at_once=at_once)
    assert loader.batches == [[0, 1], [0, 1]]
    assert await loader.load(1) == 2


async def test_who_waits_for_a_batch_is_told_that_it_failed() -> None:
    loader = Doubles()
    level = asyncio.ensure_future(loader.load_all([0, 1], at_once=True))
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="zero"):
        await loader.load(1)
    found = await loader.load_all([1, 2], at_once=True)
    assert [type(value) for value in found] in ([int, int], [ValueError, int])
    with pytest.raises(ValueError, match="zero"):
        await level


@pytest.mark.parametrize("turns", [1, 20])
async def test_what_runs_can_be_stopped(turns: int) -> None:
    """Before its batch has begun, and after."""
    running: set[asyncio.Task[Any]] = set()

    class Endless(BatchLoader[int, int]):
        async def load_batch(self, keys: Sequence[int]) -> list[int]:
            return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]  # it never comes

    level = asyncio.ensure_future(Endless(running).load_all([1], at_once=False))
    for _ in range(turns):
        await asyncio.sleep(0)
    assert running
    for task in running:
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await level
