"""Estimates the memory of documents and plans as they grow."""

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

    def attach(self, parent: "Footprint") -> None:
        """Adds it to the parent's. A thread may build an object whose footprint has no parent yet."""
        self.parent = parent
        parent.add(self.bytes)

    def release(self) -> None:
        """Subtracts it from the parent's, which no longer refers to it."""
        parent, self.parent = self.parent, None
        if parent is not None:
            parent.add(-self.bytes)
