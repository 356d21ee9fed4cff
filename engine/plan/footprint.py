"""What documents and their plans take of the memory, counted while they grow."""

import gc
from collections.abc import Callable


class Footprint:
    """The estimated bytes of something that grows after it was cached, and that is part of `parent`.

    `on_change`: charges the cache entry again.
    """

    __slots__ = ("bytes", "on_change", "parent")

    def __init__(self, parent: "Footprint | None" = None) -> None:
        self.bytes = 0
        self.parent = parent
        self.on_change: Callable[[], None] | None = None

    def add(self, bytes: int) -> None:
        self.bytes += bytes
        if self.parent is not None:
            self.parent.add(bytes)
        if self.on_change is not None:
            self.on_change()

    def release(self) -> None:
        """The parent does not have it any more."""
        parent, self.parent = self.parent, None
        if parent is not None:
            parent.add(-self.bytes)


class CyclicGarbage:
    """Evicted plans, whose parts refer to each other: only the collector frees them.

    It runs after a number of new objects, which may be far more than a cache may hold. So it is also run for every
    `max_bytes` that were evicted.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0

    def add(self, bytes: int) -> None:
        self._bytes += bytes
        if self._bytes > self._max_bytes:
            self._bytes = 0
            gc.collect()
