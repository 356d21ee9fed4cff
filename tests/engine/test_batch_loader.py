"""Keys are loaded once, whether requested individually or a level at a time."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from common.task_set import TaskSet
from engine.loading.batch_loader import BatchLoader


class Doubles(BatchLoader[int, int]):
    """Doubles numbers. A negative key fails alone, zero fails its whole batch."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[int]] = []

    async def load_batch(self, keys: Sequence[int]) -> list[Any]:
        self.batches.append([*keys])
        await asyncio.sleep(0)
        if 0 in keys:
            raise ValueError("zero")
        return [LookupError(f"{key} is negative") if key < 0 else 2 * key for key in keys]


async def test_level_is_one_batch_of_unique_keys() -> None:
    loader = Doubles()
    assert await loader.load_all([3, 1, 3], immediately=True) == [6, 2, 6]
    assert loader.batches == [[3, 1]]


@pytest.mark.parametrize("immediately", [True, False])
async def test_loaded_key_is_not_loaded_again(immediately: bool) -> None:
    loader = Doubles()
    assert await loader.load(1) == 2
    assert await loader.load_all([1, 2], immediately=immediately) == [2, 4]
    assert await loader.load(2) == 4
    assert await loader.load_all([2, 1], immediately=immediately) == [4, 2]
    assert loader.batches == [[1], [2]]


async def test_level_joins_batch_of_single_keys() -> None:
    loader = Doubles()
    one, level, other = await asyncio.gather(
        loader.load(1), loader.load_all([2, 1, 3], immediately=False), loader.load_all([4, 2], immediately=False)
    )
    assert (one, level, other) == (2, [4, 2, 6], [8, 4])
    assert loader.batches == [[1, 2, 3, 4]]


async def test_level_loads_without_single_keys() -> None:
    loader = Doubles()
    assert await loader.load_all([2, 1], immediately=False) == [4, 2]
    assert loader.batches == [[2, 1]]


async def test_key_in_flight_is_awaited() -> None:
    loader = Doubles()
    level = asyncio.ensure_future(loader.load_all([1, 2], immediately=True))
    await asyncio.sleep(0)
    assert await loader.load(1) == 2
    assert await loader.load_all([2, 3], immediately=True) == [4, 6]
    assert await level == [2, 4]
    assert loader.batches == [[1, 2], [3]]


async def test_failed_key_fails_alone() -> None:
    loader = Doubles()
    good, bad = await loader.load_all([1, -1], immediately=True)
    assert good == 2
    assert isinstance(bad, LookupError)
    with pytest.raises(LookupError, match="-1 is negative"):
        await loader.load(-1)
    assert loader.batches == [[1, -1]]


@pytest.mark.parametrize("immediately", [True, False])
async def test_failed_batch_is_retried(immediately: bool) -> None:
    loader = Doubles()
    for _ in range(2):
        with pytest.raises(ValueError, match="zero"):
            await loader.load_all([0, 1], immediately=immediately)
    assert loader.batches == [[0, 1], [0, 1]]
    assert await loader.load(1) == 2


async def test_waiters_get_error_of_failed_batch() -> None:
    loader = Doubles()
    level = asyncio.ensure_future(loader.load_all([0, 1], immediately=True))
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="zero"):
        await loader.load(1)
    found = await loader.load_all([1, 2], immediately=True)
    assert [type(value) for value in found] in ([int, int], [ValueError, int])
    with pytest.raises(ValueError, match="zero"):
        await level


@pytest.mark.parametrize("turns", [1, 20])
async def test_running_batch_can_be_cancelled(turns: int) -> None:
    """Before its batch has started, and after."""
    running = TaskSet()

    class Endless(BatchLoader[int, int]):
        async def load_batch(self, keys: Sequence[int]) -> list[int]:
            never: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
            return await never

    level = asyncio.ensure_future(Endless(running).load_all([1], immediately=False))
    for _ in range(turns):
        await asyncio.sleep(0)
    assert running
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await level
