"""A client that leaves takes its operation with it, down to the statement in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive


@asynccontextmanager
async def cancelled_on_disconnect(request: Request) -> AsyncIterator[None]:
    """Cancels what runs inside when the client closes the connection; then raises ClientDisconnect.

    The request's body must have been read.
    """
    task = asyncio.current_task()
    assert task is not None
    has_left = False

    async def watch() -> None:
        nonlocal has_left
        await left(request.receive)
        has_left = True
        task.cancel()

    watcher = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if has_left and task.uncancel() == 0:
            raise ClientDisconnect from None
        raise
    finally:
        watcher.cancel()


async def left(receive: Receive) -> None:
    """Until the client closes the connection. The request's body must have been read."""
    while (await receive())["type"] != "http.disconnect":
        pass
