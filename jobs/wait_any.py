"""Workers wait to be told, and for no longer than a while."""

import asyncio
from datetime import timedelta


async def first_of(*events: asyncio.Event, timeout: timedelta) -> None:
    """Until one of them is set, or the time is over."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, timeout=timeout.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
