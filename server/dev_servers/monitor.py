"""Restarts embedded servers that crash or are killed while they are in use."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from server.dev_servers.errors import EmbeddedServerError

_POLL_INTERVAL_SECONDS = 0.5
# Delays before the second consecutive restart and later ones. Reset after the server ran for a minute.
_FIRST_DELAY_SECONDS = 1.0
_MAX_DELAY_SECONDS = 60.0
_STABLE_SECONDS = 60.0
# From this number of consecutive restarts the message contains advice.
_ADVICE_AFTER_RESTARTS = 3


@dataclass(frozen=True, slots=True)
class MonitoredServer:
    """A server with functions to check and start it. `advice`: what the user can do if it exits repeatedly."""

    name: str
    is_running: Callable[[], bool]
    start: Callable[[], None]
    advice: str


class RestartBackoff:
    """Exponential backoff of consecutive restarts."""

    def __init__(self) -> None:
        self.count = 0

    def next_delay(self, seconds_since_start: float) -> float:
        """Return the delay for a server that exited this long after its start; 0 for the first restart."""
        if seconds_since_start >= _STABLE_SECONDS:
            self.count = 0
        self.count += 1
        if self.count == 1:
            return 0.0
        # The exponent is bounded, because a float overflows after days of restarts.
        return min(_MAX_DELAY_SECONDS, _FIRST_DELAY_SECONDS * 2.0 ** min(self.count - 2, 16))


class ServerMonitor(threading.Thread):
    """A thread that monitors one server.

    `exclusive`: held while the server is started. `wait`: waits for a number of seconds, and returns True when the
    thread has to stop.
    """

    def __init__(
        self,
        server: MonitoredServer,
        exclusive: Callable[[], AbstractContextManager[None]],
        echo: Callable[[str], None],
        wait: Callable[[float], bool],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name=f"monitor of {server.name}", daemon=True)
        self._server = server
        self._alone = exclusive
        self._echo = echo
        self._now = now
        self._wait = wait

    def run(self) -> None:
        restarts = RestartBackoff()
        # A server that was running before the thread started counts as stable.
        started_at = self._now() - _STABLE_SECONDS
        reason = ""
        while not self._wait(_POLL_INTERVAL_SECONDS):
            if self._server.is_running():
                continue
            delay = restarts.next_delay(self._now() - started_at)
            self._echo(self._describe(restarts.count, delay, reason))
            if delay and self._wait(delay):
                return
            try:
                with self._alone():
                    self._server.start()
            except (EmbeddedServerError, OSError) as error:
                reason = f" {error}"
            else:
                reason = ""
                self._echo(f"{self._server.name} restarted.")
            started_at = self._now()

    def _describe(self, count: int, delay: float, reason: str) -> str:
        if count < _ADVICE_AFTER_RESTARTS:
            return f"{self._server.name} exited; restarting.{reason}"
        return (
            f"{self._server.name} exited or failed to start {count} times in a row.{reason}"
            f" Retrying in {delay:g} seconds. {self._server.advice}"
        )


@contextmanager
def monitor_servers(
    servers: list[MonitoredServer],
    exclusive: Callable[[], AbstractContextManager[None]],
    echo: Callable[[str], None],
) -> Iterator[None]:
    """Monitor servers until the context exits, each in a thread, so that a slow start does not delay the others."""
    stopping = threading.Event()
    monitors = [ServerMonitor(server, exclusive, echo, stopping.wait) for server in servers]
    for monitor in monitors:
        monitor.start()
    try:
        yield
    finally:
        stopping.set()
        for monitor in monitors:
            monitor.join()
