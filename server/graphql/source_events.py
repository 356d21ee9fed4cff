"""The events of a subscription's source, and what happens between them."""

import asyncio
from collections.abc import AsyncGenerator
from enum import Enum

from common.task_set import cancel_and_wait
from engine.request.operations import SourceEvent


class KeepAlive(Enum):
    """Sent if there is no event for the keep-alive interval."""

    KEEP_ALIVE = "keep_alive"


async def events_until(
    deadline: asyncio.Future[None],
    source: AsyncGenerator[SourceEvent, None],
    keepalive_interval: float,
    changed_account: asyncio.Event,
) -> AsyncGenerator[SourceEvent | KeepAlive | None, None]:
    """Yield the source's events, and keep-alives between them, until the source completes or the deadline is done.

    None: the account may have changed.
    """
    upcoming = asyncio.ensure_future(anext(source))
    changed = asyncio.ensure_future(changed_account.wait())
    try:
        while not deadline.done():
            pending = (upcoming, deadline, changed)
            await asyncio.wait(pending, timeout=keepalive_interval, return_when=asyncio.FIRST_COMPLETED)
            if changed.done():
                changed_account.clear()
                changed = asyncio.ensure_future(changed_account.wait())
                yield None
            elif upcoming.done():
                try:
                    event = upcoming.result()
                except StopAsyncIteration:
                    return
                yield event
                upcoming = asyncio.ensure_future(anext(source))
            elif not deadline.done():
                yield KeepAlive.KEEP_ALIVE
    finally:
        await cancel_and_wait(upcoming)
        await cancel_and_wait(changed)
