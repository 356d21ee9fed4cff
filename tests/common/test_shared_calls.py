"""Calls with one key share an execution that starts after them."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from common.shared_calls import SharedCalls


class Computation:
    """Counts its executions, and waits in each until it is released."""

    def __init__(self) -> None:
        self.started = 0
        self.cancelled = 0
        self.released = asyncio.Event()

    async def __call__(self) -> int:
        self.started += 1
        number = self.started
        try:
            await self.released.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return number


def start(calls: SharedCalls, compute: Callable[[], Coroutine[Any, Any, int]], number: int = 1) -> list[Any]:
    return [asyncio.create_task(calls.call("key", compute)) for _ in range(number)]


async def turns(number: int = 3) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_simultaneous_calls_share_an_execution() -> None:
    calls, compute = SharedCalls(), Computation()
    tasks = start(calls, compute, 100)
    compute.released.set()
    assert await asyncio.gather(*tasks) == [1] * 100


async def test_call_does_not_join_a_started_execution() -> None:
    calls, compute = SharedCalls(), Computation()
    [first] = start(calls, compute)
    await turns()
    [second] = start(calls, compute)
    await turns()
    compute.released.set()
    assert [await first, await second] == [1, 2]


async def test_execution_survives_one_of_its_callers() -> None:
    calls, compute = SharedCalls(), Computation()
    first, second = start(calls, compute, 2)
    await turns()
    first.cancel()
    await turns()
    compute.released.set()
    assert await second == 1
    assert compute.cancelled == 0


async def test_execution_is_cancelled_with_its_last_caller() -> None:
    calls, compute = SharedCalls(), Computation()
    tasks = start(calls, compute, 2)
    await turns()
    for task in tasks:
        task.cancel()
    await turns()
    assert (compute.started, compute.cancelled) == (1, 1)


async def test_call_after_a_cancelled_one_has_its_own_execution() -> None:
    calls, compute = SharedCalls(), Computation()
    [first] = start(calls, compute)
    await turns(1)
    first.cancel()
    compute.released.set()
    [second] = start(calls, compute)
    assert await second == compute.started
    assert first.cancelled()


async def test_all_callers_receive_the_error() -> None:
    async def fail() -> int:
        raise ValueError("broken")

    tasks = start(SharedCalls(), fail, 3)
    assert [str(error) for error in await asyncio.gather(*tasks, return_exceptions=True)] == ["broken"] * 3
    with pytest.raises(ValueError, match="broken"):
        await tasks[0]
