"""What may happen at most once in a while, such as a traceback in the log."""

import time
from collections.abc import Callable, Hashable

_MAX_KEYS = 1_000


class Throttle:
    """Admits each key once in so many seconds, and counts what it refuses meanwhile."""

    def __init__(self, seconds: float = 1.0, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._now = now
        # When each was admitted last, and how often it was refused since.
        self._keys: dict[Hashable, tuple[float, int]] = {}

    def admit(self, key: Hashable) -> int | None:
        """How often the key was refused since it was admitted last; None where it is refused now."""
        now = self._now()
        admitted_at, refused = self._keys.get(key, (float("-inf"), 0))
        if now - admitted_at < self._seconds:
            self._keys[key] = admitted_at, refused + 1
            return None
        if len(self._keys) >= _MAX_KEYS:
            self._keys.clear()
        self._keys[key] = now, 0
        return refused
