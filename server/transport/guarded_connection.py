"""Base class of HTTP and WebSocket connections: limits of unsent bytes and of the sending rate."""

import asyncio
from typing import cast

from server.http.client_address import network_of
from server.transport.connection_limits import CloseReason
from server.transport.counting_transport import CountingTransport
from server.transport.guard import Guard
from server.transport.guarded import Guarded


class GuardedConnection(Guarded):
    """A connection that the guard checks."""

    guard: Guard
    # The same object as the protocol's `transport`, with its type.
    wire: CountingTransport
    address: str | None = None
    network = ""
    is_proxy = False
    is_stalled = False
    _is_aborted = False
    _seen_sent_bytes = 0
    # The window of the minimum sending rate: its start, and the bytes sent and written by then.
    _window_at = 0.0
    _window_sent_bytes = 0
    _window_written_bytes = 0

    def watch(self, transport: asyncio.BaseTransport) -> CountingTransport:
        # uvloop's transports do not inherit from asyncio's.
        if not isinstance(transport, CountingTransport):
            transport = CountingTransport(cast("asyncio.Transport", transport))
        self.wire = transport
        name = transport.get_extra_info("peername")
        if isinstance(name, tuple):
            self.address = name[0]
        self.network = self.wire.network or network_of(self.address)
        self.is_proxy = self.guard.proxies.trusts(self.address)
        return self.wire

    def unsent_bytes(self) -> int:
        return 0 if self._is_aborted else self.wire.get_write_buffer_size()

    def reset(self) -> None:
        self.wire.reset()

    def abort(self, reason: CloseReason) -> None:
        if self._is_aborted:
            return
        self._is_aborted = True
        self.guard.closed[reason] += 1
        self.guard.remove(self)
        self.wire.reset()

    def check_sending(self, now: float) -> None:
        """Abort the connection if the client reads more slowly than the minimum rate."""
        if not self.unsent_bytes():
            self._window_written_bytes = 0
            self.is_stalled = False
            return
        sent, limits = self.wire.sent_bytes, self.guard.limits
        self.is_stalled = sent == self._seen_sent_bytes
        self._seen_sent_bytes = sent
        # Some bytes that were buffered at the start of the window are still unsent.
        if sent < self._window_written_bytes:
            if now - self._window_at < limits.write_seconds:
                return
            if sent - self._window_sent_bytes < limits.write_seconds * limits.send_min_rate:
                self.abort(CloseReason.WRITE)
                return
        self._window_at, self._window_sent_bytes = now, sent
        self._window_written_bytes = self.wire.written_bytes
