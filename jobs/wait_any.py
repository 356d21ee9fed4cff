"""Waiting for events with a time-out."""

import asyncio
from datetime import timedelta


async def wait_any(*events: asyncio.Event, timeout: timedelta) -> None:
    """Wait until any of the events is set, or the time-out."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, timeout=timeout.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
