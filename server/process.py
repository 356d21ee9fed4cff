"""One server process."""

import gc
import resource
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from server.observability.logging import log_interpreter_messages
from server.settings import Settings
from server.transport.guard import TransportLimits
from server.transport.protocol import HttpProtocol
from server.transport.request_limits import RequestLimits
from server.transport.server import Server
from server.transport.state import HttpState

# Compression would hold 64 KiB and more for each socket, and most messages are short.
WEBSOCKETS: dict[str, Any] = {
    "ws": "server.transport.websocket_protocol:WebSocketProtocol",
    "ws_per_message_deflate": False,
}

# However many file descriptors there are: an idle connection takes about 10 kB.
_MAX_CONNECTIONS = 10_000
# Left for databases, files and connections that are refused.
_OTHER_DESCRIPTORS = 256

# How many objects more than before are made until the collector looks at the youngest, how many such looks there are to
# one at the older ones, and how many of those to one at all. An answer is made of thousands of objects, none of which
# is ever part of a cycle: with Python's 700 the collector takes a quarter of a request's time. Documents are full of
# cycles, so where many new ones come, those that were forgotten have to be found: all of
# memory is looked at for every two or three thousand of them.
COLLECTOR_THRESHOLDS = (50_000, 5, 2)


class StartError(Exception):
    """The server ended before it was ready. The message says what happened; the log says why."""


def build_server(settings: Settings, ready: Callable[[], None] = lambda: None) -> Server:
    """For this process. The application is imported when the server runs."""
    log_interpreter_messages()
    http = HttpState(
        RequestLimits(settings.max_header_bytes, settings.max_url_bytes),
        transport_limits(settings),
        settings.proxies.trusts,
        settings.origins.is_allowed,
    )
    config = build_config(settings)
    config.app = partial(_application, settings, http)
    return Server(config, http, delay_seconds=settings.shutdown_delay_seconds, ready=ready)


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
    """What the limit of file descriptors leaves."""
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
        # uvicorn would believe every client on this machine: see TRUSTED_PROXIES.
        proxy_headers=False,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.shutdown_timeout_seconds,
    )


def max_stop_seconds(settings: Settings) -> float:
    """After the signal. Closing connections to databases comes last."""
    return settings.shutdown_delay_seconds + settings.shutdown_timeout_seconds + 10


def _application(settings: Settings, http: HttpState) -> ASGIApp:
    # Most of a start's time is spent here; the process that watches over others needs none of it.
    from server.app import create_app

    app = create_app(settings, http)
    # What is there now stays: the collector need not look at it any more.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    return app
