"""uvicorn's server, which stops without losing a request.

After the signal `/readyz` answers 503 and each answer says `Connection: close`, while the listener still accepts, so
that a load balancer has time to notice. Then the listener closes, streams end, and connections that were accepted
have their requests answered. A second signal ends everything immediately.
"""

import asyncio
import errno
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
_OUT_OF_RESOURCES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
# For the application to end after a second signal.
_FORCED_END_SECONDS = 2.0


class Server(uvicorn.Server):
    """One process's. `ready` is called when it accepts connections."""

    def __init__(
        self,
        config: uvicorn.Config,
        state: HttpState,
        *,
        delay_seconds: float = 0,
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(config)
        self.server_state: HttpState = state
        self._ready = ready
        self._delay_seconds = delay_seconds
        self._close_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self.should_exit:
            return
        asyncio.get_running_loop().set_exception_handler(self._handle_loop_error)
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """In the handler of a signal."""
        self.force_exit = self.should_exit
        self.server_state.is_stopping = True
        super().handle_exit(sig, frame)
        lifespan = getattr(self, "lifespan", None)
        if lifespan is not None and not self.started:
            # Nothing waits for a database that does not answer: the start ends like one that failed.
            lifespan.should_exit = True
            asyncio.get_running_loop().call_soon_threadsafe(lifespan.startup_event.set)

    async def on_tick(self, counter: int) -> bool:
        """Whether to stop accepting."""
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
        """Answers what was accepted, then lets the application end."""
        await self._stop_listening(sockets or ())
        self.server_state.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                await self._connections_closed()
        connections, tasks = self.server_state.connections, self.server_state.tasks
        if tasks:
            log.warning("requests were interrupted by the stop", connections=len(connections), requests=len(tasks))
            for task in tasks:
                task.cancel("the server stops")
        # Also after a second signal: an application that is not asked to end is cancelled, which leaves a trace.
        with suppress(TimeoutError):
            async with asyncio.timeout(_FORCED_END_SECONDS if self.force_exit else None):
                await self.lifespan.shutdown()

    async def _stop_listening(self, sockets: Iterable[socket.socket]) -> None:
        """Accepts what waits in the backlog: the kernel would reset it."""
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
        """Accepting fails where file descriptors or memory run out; the loop tries again."""
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _OUT_OF_RESOURCES:
            self.server_state.guard.descriptors_ran_out()
        else:
            loop.default_exception_handler(context)

    def _create_protocol(self) -> asyncio.Protocol:
        protocol = cast("type[HttpToolsProtocol]", self.config.http_protocol_class)
        return protocol(self.config, self.server_state, self.lifespan.state)

    async def _connections_closed(self) -> None:
        """Also those that have not sent their request yet. The guard closes idle ones."""
        state = self.server_state
        while (state.connections or state.tasks) and not self.force_exit:
            await asyncio.sleep(_TICK_SECONDS)
            state.guard.tick(time.monotonic())
            for connection in list(state.connections):
                if _is_open_websocket(connection):
                    connection.shutdown()


def _accept_all(listener: socket.socket) -> Iterator[socket.socket]:
    """Closes the listener when nothing waits any more."""
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
    """Its handshake is an answer that somebody waits for."""
    return (
        isinstance(connection, WebSocketsSansIOProtocol)
        and connection.handshake_complete
        and not connection.transport.is_closing()
    )
