"""Applications on real sockets, inside the test's own process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from server.process import WEBSOCKETS


@asynccontextmanager
async def listening(app: ASGIApp, **settings: Any) -> AsyncIterator[str]:
    """The application on any free port: `127.0.0.1:…`."""
    options = {"loop": "asyncio", "timeout_graceful_shutdown": 1, **WEBSOCKETS, **settings}
    config = uvicorn.Config(app, port=0, log_config=None, **options)
    server = uvicorn.Server(config)
    # Signals are the test runner's.
    serving = asyncio.create_task(server._serve())
    while not server.started:  # uvicorn offers nothing to await
        if serving.done():
            serving.result()
        await asyncio.sleep(0.005)
    try:
        yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
