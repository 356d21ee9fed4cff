"""Ends of tasks."""

import asyncio
from typing import Any


async def cancel_and_wait(*tasks: "asyncio.Future[Any]") -> None:
    """Until all of them have ended, also where the caller is cancelled meanwhile: that comes through afterwards."""
    cancelled: asyncio.CancelledError | None = None
    for task in tasks:
        task.cancel()
    while running := [task for task in tasks if not task.done()]:
        try:
            await asyncio.wait(running)
        except asyncio.CancelledError as error:
            cancelled = error
    for task in tasks:
        # An error that nobody looks at is logged when the task is collected.
        if not task.cancelled():
            task.exception()
    if cancelled is not None:
        raise cancelled
