"""Runs the server in this process, or in several."""

import os
import socket
from collections.abc import Callable

from server.observability.logging import configure_logging, flush_log
from server.process import StartError, build_config, build_server, max_shutdown_seconds
from server.settings import Settings
from server.supervisor import Supervisor


def run(settings: Settings, listeners: list[socket.socket], workers: int, ready: Callable[[], None]) -> None:
    """Serve until a signal. `ready` is called when all processes accept requests. Raises StartError.

    `listeners`: one for all processes, or one for each.
    """
    configure_logging(settings.log_level, json=settings.use_json_logs)
    # Spawned processes read their settings from the environment.
    os.environ |= {
        name: value
        for name, value in (
            ("DATABASE_URL", settings.database_url),
            ("REDIS_URL", settings.redis_url),
            ("PUBLIC_URL", settings.public_url),
            ("METRICS_DIR", None if settings.metrics_dir is None else str(settings.metrics_dir)),
            ("COST_LIMIT_PROCESSES", None if "cost_limit_processes" in settings.model_fields_set else str(workers)),
        )
        if value is not None
    }
    if workers > 1:
        try:
            Supervisor(build_config(settings), listeners, workers, ready, max_shutdown_seconds(settings)).run()
        finally:
            flush_log()
        return
    server = build_server(settings, ready)
    try:
        server.run(sockets=listeners)
    except SystemExit:
        # Raised by uvicorn if the lifespan's startup fails or is interrupted.
        if not server.should_exit:
            raise StartError("The server exited before it was ready.") from None
    finally:
        # The log precedes the command's own message.
        flush_log()
