"""One server process, or several behind one socket."""

import gc
import os
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from server.app import create_app
from server.logging import configure_logging, log_interpreter_messages
from server.settings import Settings

# Compression would hold 64 KiB and more for each socket, and most messages are short.
WEBSOCKETS: dict[str, Any] = {"ws": "websockets-sansio", "ws_per_message_deflate": False}


# How many objects more than before are made until the collector looks at the youngest, how many such looks there are to
# one at the older ones, and how many of those to one at all. An answer is made of thousands of objects, none of which
# is ever part of a cycle: with Python's 700 the collector takes a quarter of a request's time. Documents are full of
# cycles, so where many new ones come, those that were forgotten have to be found: all of
# memory is looked at for every two or three thousand of them.
COLLECTOR_THRESHOLDS = (50_000, 5, 2)


def application() -> Starlette:
    """For a process of its own, which knows its settings from the environment alone."""
    app = create_app(Settings.load())
    log_interpreter_messages()
    # What is there now stays: the collector need not look at it any more.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    return app


def run(settings: Settings, listener: socket.socket, workers: int, ready: Callable[[], None]) -> None:
    """Serves until a signal. `ready` is called when all processes answer."""
    configure_logging(settings)
    config = uvicorn.Config(
        application if workers == 1 else "server.process:application",
        factory=True,
        http="httptools",
        ws_max_size=settings.max_body_bytes,
        **WEBSOCKETS,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=settings.graceful_stop_seconds,
        workers=workers,
    )
    # Spawned processes read their settings anew.
    os.environ |= {
        name: value
        for name, value in (
            ("DATABASE_URL", settings.database_url),
            ("REDIS_URL", settings.redis_url),
            ("PUBLIC_URL", settings.public_url),
        )
        if value is not None
    }
    if workers == 1:
        _Process(config, ready).run(sockets=[listener])
    else:
        _Processes(config, [listener], ready).run()


class _Process(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


class _Processes(Multiprocess):
    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], ready: Callable[[], None]) -> None:
        super().__init__(config, sockets)
        self._ready = ready

    def init_processes(self) -> None:
        super().init_processes()
        if all(
            process.wait_until_ready(self.config.timeout_worker_healthcheck, self.should_exit)
            for process in self.processes
        ):
            self._ready()
