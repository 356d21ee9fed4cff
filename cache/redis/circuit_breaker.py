"""A circuit breaker: what failed several times in a row is left alone for a while."""

import time
from collections.abc import Callable

import structlog

log = structlog.get_logger()

FAILURES = 3
PAUSE_SECONDS = 1.0


class Breaker:
    """Closed: all is tried. Open, after 3 failures in a row: nothing, except one try a second, which may close it."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures = 0
        self._next_try = 0.0
        self._opened_at = 0.0
        # Told when it opens.
        self.on_open: list[Callable[[], None]] = []

    @property
    def is_open(self) -> bool:
        return self._failures >= FAILURES

    def lets_through(self) -> bool:
        """Whether to try. Where it is open, a yes is for one."""
        if not self.is_open:
            return True
        if self._now() < self._next_try:
            return False
        self._next_try = self._now() + PAUSE_SECONDS
        return True

    def succeeded(self) -> None:
        if self.is_open:
            log.warning("redis breaker closed", open_s=round(self._now() - self._opened_at, 1))
        self._failures = 0

    def failed(self, reason: str) -> None:
        self._failures += 1
        if self._failures == FAILURES:
            self._opened_at = self._now()
            log.warning("redis breaker opened", reason=reason)
            for tell in self.on_open:
                tell()
        if self.is_open:
            self._next_try = self._now() + PAUSE_SECONDS
