"""Estimates the memory of documents and plans as they grow."""

import gc
from collections.abc import Callable


class Footprint:
    """Estimated size in bytes of a cached object that grows, and that is part of `parent`. `on_change`: updates the
    charge of the cache entry.
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
        """Subtracts it from the parent's, which no longer refers to it."""
        parent, self.parent = self.parent, None
        if parent is not None:
            parent.add(-self.bytes)


class CyclicGarbage:
    """Evicted plans are reference cycles, which only the garbage collector frees.

    It runs by the number of new objects, which may be far more than the cache may hold. So it is run after every
    `max_bytes` evicted, too.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0

    def add(self, bytes: int) -> None:
        self._bytes += bytes
        if self._bytes > self._max_bytes:
            self._bytes = 0
            gc.collect()
