"""Deadlines for receiving a request."""

import asyncio
from enum import Enum
from http import HTTPStatus
from typing import Any

from uvicorn.config import Config

from server.transport.connection_limits import CloseReason
from server.transport.graceful_close import ClosingProtocol
from server.transport.rejections import Rejection
from server.transport.state import HttpState

# Limits how long an idle connection can delay the shutdown.
_SHUTDOWN_KEEP_ALIVE_SECONDS = 5.0


class _Phase(Enum):
    """What the connection is waiting for."""

    FIRST_BYTE = "first byte"
    HEAD = "head"
    BODY = "body"
    RESPONSE = "response"
    NEXT_REQUEST = "next request"


class DeadlineProtocol(ClosingProtocol):
    """A connection whose deadlines the guard checks periodically."""

    def __init__(
        self,
        config: Config,
        server_state: HttpState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._phase = _Phase.FIRST_BYTE
        self._phase_scope: object = None
        self._phase_since = self._checked_at = server_state.guard.now

    def check(self, now: float) -> None:
        elapsed, self._checked_at = now - self._checked_at, now
        self.check_sending(now)
        if self._is_rejected or self.transport.is_closing():
            return
        phase = self._current_phase()
        if phase is not self._phase or self.scope is not self._phase_scope:
            self._phase, self._phase_scope, self._phase_since = phase, self.scope, now
            return
        if phase is _Phase.RESPONSE:
            return
        if self.flow.read_paused:
            # The server does not read meanwhile.
            self._phase_since += elapsed
        waited, limits = now - self._phase_since, self.guard.limits
        match phase:
            case _Phase.FIRST_BYTE:
                if waited >= limits.first_byte_seconds:
                    self._close(CloseReason.SILENT)
            case _Phase.NEXT_REQUEST:
                if waited >= self._keep_alive_seconds():
                    self._close(CloseReason.IDLE)
            case _Phase.HEAD:
                if waited >= limits.head_seconds:
                    self._time_out(
                        CloseReason.HEAD, f"Request headers not received within {limits.head_seconds:g} seconds."
                    )
            case _Phase.BODY:
                received = self._unfinished_bytes + self._discarded_bytes
                if waited >= limits.body_grace_seconds + received / limits.body_min_rate:
                    message = f"Request body received at less than {limits.body_min_rate:g} bytes per second."
                    self._time_out(CloseReason.BODY, message)

    def idle_since(self) -> float | None:
        if self._is_rejected or self.backlog or self.transport.is_closing():
            return None
        phase = self._current_phase()
        if phase in (_Phase.RESPONSE, _Phase.BODY):
            return None
        is_same = phase is self._phase and self.scope is self._phase_scope
        return self._phase_since if is_same else self.guard.now

    def _current_phase(self) -> _Phase:
        if not self._in_head:
            return _Phase.BODY
        if self._is_unsent or self._is_responding():
            return _Phase.RESPONSE
        if self._pending_bytes or self._is_head_split:
            return _Phase.HEAD
        return _Phase.FIRST_BYTE if self.cycle is None else _Phase.NEXT_REQUEST

    def _keep_alive_seconds(self) -> float:
        if self.server_state.is_stopping:
            return min(self.timeout_keep_alive, _SHUTDOWN_KEEP_ALIVE_SECONDS)
        return self.timeout_keep_alive

    def _time_out(self, reason: CloseReason, message: str) -> None:
        self.guard.closed[reason] += 1
        self.reject(Rejection(HTTPStatus.REQUEST_TIMEOUT, message))

    def _close(self, reason: CloseReason) -> None:
        self.guard.closed[reason] += 1
        self.transport.close()
