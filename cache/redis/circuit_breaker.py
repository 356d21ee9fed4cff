"""A circuit breaker: after repeated failures, calls fail immediately for a while."""

import time
from collections.abc import Callable

import structlog

log = structlog.get_logger()

FAILURE_THRESHOLD = 3
RESET_TIMEOUT_SECONDS = 1.0


class CircuitBreaker:
    """Closed: calls are allowed. Open, after 3 failures in a row: one probe a second, whose success closes it."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures = 0
        self._next_probe = 0.0
        self._opened_at = 0.0
        # Called when the breaker opens.
        self.on_open: list[Callable[[], None]] = []

    @property
    def is_open(self) -> bool:
        return self._failures >= FAILURE_THRESHOLD

    def allow(self) -> bool:
        """Whether to call. While the breaker is open this lets one probe through."""
        if not self.is_open:
            return True
        if self._now() < self._next_probe:
            return False
        self._next_probe = self._now() + RESET_TIMEOUT_SECONDS
        return True

    def record_success(self) -> None:
        if self.is_open:
            log.warning("redis breaker closed", open_s=round(self._now() - self._opened_at, 1))
        self._failures = 0

    def record_failure(self, reason: str) -> None:
        self._failures += 1
        if self._failures == FAILURE_THRESHOLD:
            self._opened_at = self._now()
            log.warning("redis breaker opened", reason=reason)
            for callback in self.on_open:
                callback()
        if self.is_open:
            self._next_probe = self._now() + RESET_TIMEOUT_SECONDS
