"""Runs applications on real sockets in the test's process."""

import asyncio
import socket
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
    app: ASGIApp, http: HttpState | None = None, *, delay_seconds: float = 0, stream_seconds: float = 0, **settings: Any
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
    config = uvicorn.Config(app, log_config=None, **options)
    ready = asyncio.Event()
    delays = {"delay_seconds": delay_seconds, "stream_seconds": stream_seconds}
    server = Server(config, http or HttpState(), **delays, ready=ready.set)
    with socket.create_server(("127.0.0.1", 0), backlog=config.backlog) as listener:
        # Signals are handled by the test runner.
        task = asyncio.create_task(server._serve([listener]))
        starting = asyncio.create_task(ready.wait())
        await asyncio.wait({task, starting}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            starting.cancel()
            task.result()
        host, port = listener.getsockname()
        try:
            yield AppServer(f"{host}:{port}", server, task)
        finally:
            server.should_exit = True
            await task


@asynccontextmanager
async def app_address(app: ASGIApp, **settings: Any) -> AsyncIterator[str]:
    """Runs the application on any free port; yields `127.0.0.1:…`."""
    async with running_app(app, **settings) as server:
        yield server.address
