"""How long a connection may take for what it has to send."""

import asyncio
from enum import Enum
from http import HTTPStatus
from typing import Any

from uvicorn.config import Config

from server.transport.closing import ClosingProtocol
from server.transport.guard import Reason
from server.transport.rejections import Rejection
from server.transport.state import HttpState

# While the server stops: longer than that no idle connection delays it.
_STOPPING_KEEP_ALIVE_SECONDS = 5.0


class _Phase(Enum):
    """What the connection waits for."""

    FIRST_BYTE = "first byte"
    HEAD = "head"
    BODY = "body"
    ANSWER = "answer"
    NEXT_REQUEST = "next request"


class DeadlineProtocol(ClosingProtocol):
    """A connection that the guard asks, again and again, how long it has waited, and for what."""

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
        if phase is _Phase.ANSWER:
            return
        if self.flow.read_paused:
            # The client is not to blame.
            self._phase_since += elapsed
        waited, limits = now - self._phase_since, self.guard.limits
        match phase:
            case _Phase.FIRST_BYTE:
                if waited >= limits.first_byte_seconds:
                    self._close(Reason.SILENT)
            case _Phase.NEXT_REQUEST:
                if waited >= self._keep_alive_seconds():
                    self._close(Reason.IDLE)
            case _Phase.HEAD:
                if waited >= limits.head_seconds:
                    self._time_out(Reason.HEAD, f"The head did not arrive within {limits.head_seconds:g} seconds.")
            case _Phase.BODY:
                received = self._unfinished_bytes + self._discarded_bytes
                if waited >= limits.body_grace_seconds + received / limits.body_min_rate:
                    message = f"The body arrives at less than {limits.body_min_rate:g} bytes per second."
                    self._time_out(Reason.BODY, message)

    def waiting_since(self) -> float | None:
        if self._is_rejected or self.backlog or self.transport.is_closing():
            return None
        phase = self._current_phase()
        if phase in (_Phase.ANSWER, _Phase.BODY):
            return None
        is_same = phase is self._phase and self.scope is self._phase_scope
        return self._phase_since if is_same else self.guard.now

    def _current_phase(self) -> _Phase:
        if not self._in_head:
            return _Phase.BODY
        if self._is_unsent or self._is_answering():
            return _Phase.ANSWER
        if self._pending_bytes or self._is_cut:
            return _Phase.HEAD
        return _Phase.FIRST_BYTE if self.cycle is None else _Phase.NEXT_REQUEST

    def _keep_alive_seconds(self) -> float:
        if self.server_state.is_stopping:
            return min(self.timeout_keep_alive, _STOPPING_KEEP_ALIVE_SECONDS)
        return self.timeout_keep_alive

    def _time_out(self, reason: Reason, message: str) -> None:
        self.guard.closed[reason] += 1
        self.reject(Rejection(HTTPStatus.REQUEST_TIMEOUT, message))

    def _close(self, reason: Reason) -> None:
        self.guard.closed[reason] += 1
        self.transport.close()
