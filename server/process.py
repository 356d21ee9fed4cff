"""One server process."""

import gc
import resource
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from common.interpreter import tune_interpreter
from server.observability.logging import log_interpreter_messages
from server.settings import Settings
from server.transport.connection_limits import TransportLimits
from server.transport.protocol import HttpProtocol
from server.transport.request_limits import RequestLimits
from server.transport.server import Server
from server.transport.state import HttpState

# Compression would hold 64 KiB and more for each socket, and most messages are short.
WEBSOCKETS: dict[str, Any] = {
    "ws": "server.transport.websocket_protocol:WebSocketProtocol",
    "ws_per_message_deflate": False,
}

# Regardless of the limit of file descriptors: an idle connection takes about 10 kB.
_MAX_CONNECTIONS = 10_000
# Reserved for databases, files and refused connections.
_OTHER_DESCRIPTORS = 256


class StartError(Exception):
    """The server exited before it was ready. The log has the cause."""


def build_server(settings: Settings, ready: Callable[[], None] = lambda: None) -> Server:
    """Build the server of this process. It imports the application when it runs."""
    log_interpreter_messages()
    http = build_http_state(settings)
    config = build_config(settings)
    config.app = partial(_build_application, settings, http)
    return Server(
        config,
        http,
        delay_seconds=settings.shutdown_delay_seconds,
        stream_seconds=settings.stream_shutdown_seconds,
        ready=ready,
    )


def build_http_state(settings: Settings) -> HttpState:
    return HttpState(
        RequestLimits(settings.max_header_bytes, settings.max_url_bytes),
        transport_limits(settings),
        settings.proxies,
        settings.origins.is_allowed,
    )


def transport_limits(settings: Settings) -> TransportLimits:
    return TransportLimits(
        first_byte_seconds=settings.first_byte_seconds,
        head_seconds=settings.head_seconds,
        body_grace_seconds=settings.body_grace_seconds,
        body_min_rate=settings.body_min_rate,
        write_seconds=settings.write_timeout_seconds,
        send_min_rate=settings.min_send_rate,
        max_connections=settings.max_connections or _default_max_connections(),
        max_connections_per_address=settings.max_connections_per_address,
        max_unsent_bytes=settings.max_unsent_bytes,
        max_unsent_bytes_per_connection=settings.max_unsent_bytes_per_connection,
        max_unfinished_bytes=settings.max_unfinished_bytes,
    )


def _default_max_connections() -> int:
    """Derive the limit from that of file descriptors."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return _MAX_CONNECTIONS
    return max(descriptors // 2, min(_MAX_CONNECTIONS, descriptors - _OTHER_DESCRIPTORS))


def build_config(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        "",
        factory=True,
        http=HttpProtocol,
        ws_max_size=settings.max_body_bytes,
        **WEBSOCKETS,
        access_log=False,
        log_config=None,
        server_header=False,
        # uvicorn would trust every client on a loopback address: see TRUSTED_PROXIES.
        proxy_headers=False,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.shutdown_timeout_seconds,
    )


def max_shutdown_seconds(settings: Settings) -> float:
    """Return how long a shutdown may take, including closing database connections."""
    return settings.shutdown_delay_seconds + settings.shutdown_timeout_seconds + 10


def import_application() -> None:
    """Import what takes most of the startup time, without building the application."""
    gc.disable()
    import server.app  # noqa: F401

    gc.enable()


def _build_application(settings: Settings, http: HttpState) -> ASGIApp:
    # Collections would take a sixth of the startup time, and nearly everything that imports allocate remains.
    gc.disable()
    # Imported here, because a supervisor does not need it.
    from server.app import create_app

    app = create_app(settings, http)
    gc.enable()
    tune_interpreter()
    return app
