"""Rejects requests before a task of the application is started for them."""

import asyncio
from http import HTTPStatus
from typing import Any, cast

from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from server.http.early_rejection import EarlyRejection
from server.transport.deadlines import DeadlineProtocol
from server.transport.state import HttpState

# Default headers change once a second, and nearly all clients get the same rejection. Those of pages have their origin.
_MAX_RESPONSES = 100


class _Responses:
    """Complete responses by whether the connection is kept alive, for one list of default headers with the date.

    Building one takes 2 µs, and looking it up 0.3.
    """

    __slots__ = ("_built", "_default_headers")

    def __init__(self) -> None:
        self._default_headers: list[tuple[bytes, bytes]] | None = None
        self._built: dict[tuple[EarlyRejection, bool], bytes] = {}

    def get(self, default_headers: list[tuple[bytes, bytes]], rejection: EarlyRejection, *, keep_alive: bool) -> bytes:
        # uvicorn replaces the list, and does not change it.
        if default_headers is not self._default_headers:
            self._default_headers = default_headers
            self._built.clear()
        response = self._built.get((rejection, keep_alive))
        if response is None:
            response = _build_response((*default_headers, *rejection.headers), rejection.body, keep_alive=keep_alive)
            if len(self._built) < _MAX_RESPONSES:
                self._built[rejection, keep_alive] = response
        return response


_responses = _Responses()


class EarlyRejectionProtocol(DeadlineProtocol):
    """A connection whose requests are rejected while the server is overloaded, as `HttpState.early_rejections` decide.

    Starting a task and calling the application would take several times as long as parsing the request does.
    """

    def __init__(
        self,
        config: Config,
        server_state: HttpState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        # The application of a request that waits for the decision.
        self._undecided: ASGI3Application | None = None

    def start_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Call the application."""
        self._running = cycle
        HttpToolsProtocol._start_asgi_task(self, cycle, app)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        # Called by the parser for a request whose head is complete, and that is not pipelined.
        rejections = self.server_state.early_rejections
        if rejections is None or not rejections.may_reject(cast("dict[str, Any]", cycle.scope)):
            self.start_task(cycle, app)
        else:
            self._running = cycle
            self._undecided = app

    def decide(self) -> None:
        """Reject the undecided request or start it, with as much of its body as has arrived with its head."""
        app, self._undecided = self._undecided, None
        rejections, cycle = self.server_state.early_rejections, self._running
        assert app is not None
        assert rejections is not None
        assert cycle is not None
        scope = cast("dict[str, Any]", cycle.scope)
        rejection = rejections.reject(scope, None if cycle.more_body else bytes(cycle.body))
        if rejection is None:
            HttpToolsProtocol._start_asgi_task(self, cycle, app)
            return
        cycle.response_started = cycle.response_complete = True
        default_headers = self.server_state.default_headers
        self.transport.write(_responses.get(default_headers, rejection, keep_alive=cycle.keep_alive))
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()


def _build_response(headers: tuple[tuple[bytes, bytes], ...], body: bytes, *, keep_alive: bool) -> bytes:
    lines = b"".join([b"%b: %b\r\n" % header for header in headers])
    close = b"" if keep_alive else b"connection: close\r\n"
    return b"".join((STATUS_LINE[HTTPStatus.SERVICE_UNAVAILABLE], lines, close, b"\r\n", body))
