"""uvicorn's server with a graceful shutdown that loses no request.

After the first signal `/readyz` returns 503 and each response has `Connection: close`, while the listener still
accepts, so that a load balancer has time to react. Then the listener closes, streams and WebSockets end one after the
other, and the requests of accepted connections complete. A second signal stops the server immediately.
"""

import asyncio
import errno
import random
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from types import FrameType
from typing import Any, cast

import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server.transport.state import HttpState

log = structlog.get_logger()

_TICK_SECONDS = 0.05
_EXHAUSTED_ERRNOS = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
# libuv accepts one connection for each listening descriptor in an iteration of the event loop, and iterations are long
# while other clients send as much as they can. Each descriptor costs a system call for each new connection.
_ACCEPTS_PER_ITERATION = 8
# Time for the application's shutdown after a second signal.
_FORCED_SHUTDOWN_SECONDS = 2.0


class Server(uvicorn.Server):
    """The server of a process. `ready` is called when it accepts connections.

    `delay_seconds`: how long it still accepts connections after the first signal. `stream_seconds`: how long it then
    takes to end streams and WebSockets, at random times.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        state: HttpState,
        *,
        delay_seconds: float = 0,
        stream_seconds: float = 0,
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(config)
        self.server_state: HttpState = state
        self._ready = ready
        self._delay_seconds = delay_seconds
        self._stream_seconds = stream_seconds
        self._close_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self.should_exit:
            return
        asyncio.get_running_loop().set_exception_handler(self._handle_loop_error)
        for listener in sockets or ():
            _send_immediately(listener)
        await super().startup(None if sockets is None else _multiply(sockets))
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Handle SIGINT or SIGTERM."""
        self.force_exit = self.should_exit
        self.server_state.is_stopping = True
        super().handle_exit(sig, frame)
        lifespan = getattr(self, "lifespan", None)
        if lifespan is not None and not self.started:
            # A startup that waits for an unavailable database ends like a failed one.
            lifespan.should_exit = True
            asyncio.get_running_loop().call_soon_threadsafe(lifespan.startup_event.set)

    async def on_tick(self, counter: int) -> bool:
        """Return whether to stop accepting connections."""
        self.server_state.guard.tick(time.monotonic())
        if not await super().on_tick(counter):
            return False
        if self._close_at is None:
            self._close_at = time.monotonic() + self._delay_seconds
            self.server_state.is_stopping = True
            for connection in list(self.server_state.connections):
                if not isinstance(connection, WebSocketsSansIOProtocol):
                    connection.shutdown()
            log.info("stopping", delay_s=self._delay_seconds, connections=len(self.server_state.connections))
        return self.force_exit or time.monotonic() >= self._close_at

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Complete the requests of accepted connections, then shut the application down."""
        await self._stop_listening(sockets or ())
        self.server_state.close(self._stream_seconds)
        with suppress(TimeoutError):
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                await self._wait_for_connections()
        connections, tasks = self.server_state.connections, self.server_state.tasks
        if tasks:
            log.warning("requests cancelled by shutdown", connections=len(connections), requests=len(tasks))
            for task in tasks:
                task.cancel("The server is shutting down.")
        # Also after a second signal: cancelling the lifespan instead would log a traceback.
        with suppress(TimeoutError):
            async with asyncio.timeout(_FORCED_SHUTDOWN_SECONDS if self.force_exit else None):
                await self.lifespan.shutdown()

    async def _stop_listening(self, sockets: Iterable[socket.socket]) -> None:
        """Close the listeners, after accepting the connections in their backlogs, which the kernel would reset."""
        listeners = [listener.dup() for server in self.servers for listener in server.sockets]
        for server in self.servers:
            server.close()
        for given in sockets:
            given.close()
        accepted = [connection for listener in listeners for connection in _accept_all(listener)]
        loop = asyncio.get_running_loop()
        for connection in accepted:
            await loop.connect_accepted_socket(self._create_protocol, connection)

    def _handle_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Handle a failed accept when file descriptors or memory are exhausted; the event loop retries it."""
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _EXHAUSTED_ERRNOS:
            self.server_state.guard.on_descriptors_exhausted()
        else:
            loop.default_exception_handler(context)

    def _create_protocol(self) -> asyncio.Protocol:
        protocol = cast("type[HttpToolsProtocol]", self.config.http_protocol_class)
        return protocol(self.config, self.server_state, self.lifespan.state)

    async def _wait_for_connections(self) -> None:
        """Wait until all connections are closed, including those that have not sent a request yet.

        The guard closes idle ones.
        """
        state, started_at = self.server_state, time.monotonic()
        close_times: dict[object, float] = {}
        while (state.connections or state.tasks) and not self.force_exit:
            await asyncio.sleep(_TICK_SECONDS)
            now = time.monotonic()
            state.guard.tick(now)
            for connection in list(state.connections):
                if _is_open_websocket(connection):
                    if connection not in close_times:
                        delay = random.uniform(0, self._stream_seconds)  # noqa: S311  # no secret
                        close_times[connection] = started_at + delay
                    if now >= close_times[connection]:
                        connection.shutdown()


def _send_immediately(listener: socket.socket) -> None:
    """Disable Nagle's algorithm for accepted connections, which inherit the option.

    It delays the body of a response until the client acknowledges the head, by up to 40 ms. uvloop disables it for all
    connections, asyncio only if the listener was created with the number of the protocol.
    """
    if listener.family in (socket.AF_INET, socket.AF_INET6):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _multiply(listeners: Iterable[socket.socket]) -> list[socket.socket]:
    """Return several descriptors for each listener. The given ones are open, too, until they are closed."""
    return [listener.dup() for listener in listeners for _ in range(_ACCEPTS_PER_ITERATION)]


def _accept_all(listener: socket.socket) -> Iterator[socket.socket]:
    """Accept all connections in the listener's backlog, then close it."""
    with listener:
        listener.setblocking(False)
        while True:
            try:
                connection, _ = listener.accept()
            except ConnectionAbortedError:
                continue
            except OSError:
                return
            connection.setblocking(False)
            yield connection


def _is_open_websocket(connection: object) -> bool:
    """Whether the handshake is complete; a pending handshake completes like a request."""
    return (
        isinstance(connection, WebSocketsSansIOProtocol)
        and connection.handshake_complete
        and not connection.transport.is_closing()
    )
