"""Work that is repeated while its owner runs, and once more when it ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def flushed_periodically(flush: Callable[[], Awaitable[None]], interval_seconds: float) -> AsyncIterator[None]:
    """Call `flush` after each interval, and on exit.

    A call is never cancelled, because it would lose or repeat what it is writing: the exit waits for it. An exception
    of `flush` is raised on exit.
    """
    ending = asyncio.Event()

    async def flush_loop() -> None:
        is_last = False
        while not is_last:
            with suppress(TimeoutError):
                async with asyncio.timeout(interval_seconds):
                    await ending.wait()
            is_last = ending.is_set()
            await flush()

    task = asyncio.create_task(flush_loop())
    try:
        yield
    finally:
        ending.set()
        await task
