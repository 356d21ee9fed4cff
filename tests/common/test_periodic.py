import asyncio

import pytest

from common.periodic import flushed_periodically


async def test_exit_waits_for_a_running_flush_and_flushes_once_more() -> None:
    """What the running one took would be lost."""
    started, may_end = asyncio.Event(), asyncio.Event()
    written: list[int] = []
    pending = [1]

    async def flush() -> None:
        taken = pending.copy()
        pending.clear()
        started.set()
        await may_end.wait()
        written.extend(taken)

    async def own() -> None:
        async with flushed_periodically(flush, 0):
            await started.wait()
            pending.append(2)

    owner = asyncio.create_task(own())
    await started.wait()
    done, _ = await asyncio.wait({owner}, timeout=0)
    assert not done
    may_end.set()
    async with asyncio.timeout(60):
        await owner
    assert written == [1, 2]


async def test_flushes_after_the_interval() -> None:
    flushed = asyncio.Event()

    async def flush() -> None:
        flushed.set()

    async with asyncio.timeout(60), flushed_periodically(flush, 0.001):
        await flushed.wait()


async def test_exception_of_a_flush_is_raised_on_exit() -> None:
    async def flush() -> None:
        raise ValueError("full")

    with pytest.raises(ValueError, match="full"):
        async with flushed_periodically(flush, 60):
            pass
