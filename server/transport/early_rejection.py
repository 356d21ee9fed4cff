"""Rejects requests before a task of the application is started for them."""

import asyncio
from http import HTTPStatus
from typing import Any, cast

from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from server.transport.deadlines import DeadlineProtocol
from server.transport.response_cycle import ResponseCycle
from server.transport.state import HttpState


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

    def start_task(self, cycle: ResponseCycle, app: ASGI3Application) -> None:
        """Call the application."""
        self._running = cycle
        self._start_asgi_task(cycle, app)

    def start_unless_rejected(self, cycle: ResponseCycle, app: ASGI3Application) -> None:
        """Call the application, now or after a decision, for a request whose head is complete."""
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
            self._start_asgi_task(cycle, app)
            return
        cycle.response_started = cycle.response_complete = True
        headers = (*self.server_state.default_headers, *rejection.headers)
        lines = b"".join([b"%b: %b\r\n" % header for header in headers])
        must_close = cycle.must_close()
        close = b"connection: close\r\n" if must_close else b""
        status = STATUS_LINE[HTTPStatus.SERVICE_UNAVAILABLE]
        body = b"" if scope["method"] == "HEAD" else rejection.body
        self.transport.write(b"".join((status, lines, close, b"\r\n", body)))
        if must_close and not cycle.closes:
            self.transport.close()
        cycle.on_response()
