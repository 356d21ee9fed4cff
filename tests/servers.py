"""Runs applications on real sockets in the test's process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from server.process import WEBSOCKETS
from server.transport.protocol import HttpProtocol
from server.transport.server import Server
from server.transport.state import HttpState


@dataclass(frozen=True)
class AppServer:
    """`task` ends when the server has stopped."""

    address: str
    server: Server
    task: asyncio.Task[None]

    @property
    def host_and_port(self) -> tuple[str, int]:
        host, _, port = self.address.partition(":")
        return host, int(port)


@asynccontextmanager
async def running_app(
    app: ASGIApp, http: HttpState | None = None, *, delay_seconds: float = 0, **settings: Any
) -> AsyncIterator[AppServer]:
    """Runs the application on any free port; shuts it down at exit."""
    options = {
        "loop": "asyncio",
        "proxy_headers": False,
        "http": HttpProtocol,
        "timeout_graceful_shutdown": 1,
        **WEBSOCKETS,
        **settings,
    }
    config = uvicorn.Config(app, port=0, log_config=None, **options)
    ready = asyncio.Event()
    server = Server(config, http or HttpState(), delay_seconds=delay_seconds, ready=ready.set)
    # Signals are handled by the test runner.
    task = asyncio.create_task(server._serve())
    starting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, starting}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        starting.cancel()
        task.result()
    try:
        yield AppServer(f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", server, task)
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def app_address(app: ASGIApp, **settings: Any) -> AsyncIterator[str]:
    """Runs the application on any free port; yields `127.0.0.1:…`."""
    async with running_app(app, **settings) as server:
        yield server.address
