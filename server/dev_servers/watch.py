"""Starts a server again that ended although it is still used: one that was killed, or that crashed."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from server.dev_servers.errors import EmbeddedServerError

_LOOK_EVERY_SECONDS = 0.5
# The delays before the second start in a row and those after it. One that ran for a minute begins anew.
_FIRST_DELAY_SECONDS = 1.0
_MAX_DELAY_SECONDS = 60.0
_STEADY_SECONDS = 60.0
# From so many ends in a row on somebody has to look into it.
_MANY = 3


@dataclass(frozen=True, slots=True)
class Watched:
    """A server: whether it is there, however slow; how it is started; and what to do where that does not help."""

    name: str
    is_running: Callable[[], bool]
    start: Callable[[], None]
    advice: str


class Restarts:
    """How often in a row a server ended, and how long to wait before it is started again."""

    def __init__(self) -> None:
        self.count = 0

    def next_delay(self, seconds_since_start: float) -> float:
        """When it ended so long after the last start. None at all before the first."""
        if seconds_since_start >= _STEADY_SECONDS:
            self.count = 0
        self.count += 1
        if self.count == 1:
            return 0.0
        # The exponent is bounded: a server may end for days.
        return min(_MAX_DELAY_SECONDS, _FIRST_DELAY_SECONDS * 2.0 ** min(self.count - 2, 16))


class Watch(threading.Thread):
    """Watches one server. `alone`: held while it is started; `wait`: for so many seconds; true: it is time to stop."""

    def __init__(
        self,
        server: Watched,
        alone: Callable[[], AbstractContextManager[None]],
        report: Callable[[str], None],
        wait: Callable[[float], bool],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name=f"watch of {server.name}", daemon=True)
        self._server = server
        self._alone = alone
        self._report = report
        self._now = now
        self._wait = wait

    def run(self) -> None:
        restarts = Restarts()
        # What ran before this began did so for long enough.
        started_at = self._now() - _STEADY_SECONDS
        reason = ""
        while not self._wait(_LOOK_EVERY_SECONDS):
            if self._server.is_running():
                continue
            delay = restarts.next_delay(self._now() - started_at)
            self._report(self._describe(restarts.count, delay, reason))
            if delay and self._wait(delay):
                return
            try:
                with self._alone():
                    self._server.start()
            except (EmbeddedServerError, OSError) as error:
                reason = f" {error}"
            else:
                reason = ""
                self._report(f"{self._server.name} runs again.")
            started_at = self._now()

    def _describe(self, count: int, delay: float, reason: str) -> str:
        if count < _MANY:
            return f"{self._server.name} ended, and is started again.{reason}"
        return (
            f"{self._server.name} ended or did not start {count} times in a row.{reason}"
            f" The next start is in {delay:g} seconds. {self._server.advice}"
        )


@contextmanager
def watching(
    servers: list[Watched],
    alone: Callable[[], AbstractContextManager[None]],
    report: Callable[[str], None],
) -> Iterator[None]:
    """For as long as the context is open. A thread for each, so that one that starts slowly holds no other up."""
    stopping = threading.Event()
    watches = [Watch(server, alone, report, stopping.wait) for server in servers]
    for watch in watches:
        watch.start()
    try:
        yield
    finally:
        stopping.set()
        for watch in watches:
            watch.join()
