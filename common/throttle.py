"""Throttling of log entries."""

import time
from collections.abc import Callable, Hashable

_MAX_KEYS = 1_000


class Throttle:
    """Admits each key once in `seconds`, and counts refusals in between."""

    def __init__(self, seconds: float = 1.0, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._now = now
        # The time of the last admission, and the number of refusals since.
        self._keys: dict[Hashable, tuple[float, int]] = {}

    def admit(self, key: Hashable) -> int | None:
        """The number of refusals since the last admission; None if the key is refused."""
        now = self._now()
        admitted_at, refused = self._keys.get(key, (float("-inf"), 0))
        if now - admitted_at < self._seconds:
            self._keys[key] = admitted_at, refused + 1
            return None
        if len(self._keys) >= _MAX_KEYS:
            self._keys.clear()
        self._keys[key] = now, 0
        return refused
