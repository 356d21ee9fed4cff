"""Metrics on a port of their own, served by a thread from the files of all processes."""

import hmac
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client.exposition import ThreadingWSGIServer
from pydantic import SecretStr

from common.metrics.directory import MetricsDirectory
from common.metrics.merge import Snapshot
from common.metrics.prometheus import render

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_PATH = "/metrics"
_PLAIN = [("Content-Type", "text/plain; charset=utf-8")]


def is_authorized(authorization: str | None, token: SecretStr | None) -> bool:
    """Whether the header has the token, or none is required."""
    if token is None:
        return True
    expected = f"Bearer {token.get_secret_value()}"
    return hmac.compare_digest((authorization or "").encode("latin-1"), expected.encode())


@contextmanager
def metrics_server(directory: Path, host: str, port: int, token: SecretStr | None) -> Iterator[int]:
    """Serve until the context exits; yields the port. Raises OSError if it is in use."""
    server = make_server(host, port, _build_application(directory, token), _server_class(host), _Handler)
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _build_application(directory: Path, token: SecretStr | None) -> "WSGIApplication":
    files = MetricsDirectory(directory)

    def respond(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        if environ["PATH_INFO"] != _PATH:
            start_response("404 Not Found", _PLAIN)
            return [b"Metrics are at /metrics.\n"]
        if not is_authorized(environ.get("HTTP_AUTHORIZATION"), token):
            start_response("401 Unauthorized", [*_PLAIN, ("WWW-Authenticate", "Bearer")])
            return [b"METRICS_TOKEN is required.\n"]
        body, content_type = render(Snapshot(files.read()), environ.get("HTTP_ACCEPT", ""))
        start_response("200 OK", [("Content-Type", content_type), ("Vary", "Accept")])
        return [body]

    return respond


def _server_class(host: str) -> type[ThreadingWSGIServer]:
    class Server(ThreadingWSGIServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

    return Server


class _Handler(WSGIRequestHandler):
    # Seconds until a client that sends nothing is disconnected.
    timeout = 10

    def log_message(self, format: str, *args: object) -> None:
        """Scrapes are not logged."""
