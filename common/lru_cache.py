"""An LRU cache bounded by bytes."""

from collections.abc import Callable
from sys import getsizeof
from typing import TypeVar

import cachetools

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

# Memory of an entry in addition to its key and value: slots in three dictionaries, and its recorded size. tracemalloc
# measures 139 to 218 bytes, depending on when the dictionaries were resized; the rest is malloc's overhead.
ENTRY_OVERHEAD_BYTES = 256


class _NewSize:
    """The size of the entry that is being stored: cachetools passes a value without its key."""

    bytes = 0

    def __call__(self, _value: object) -> int:
        return self.bytes


class LRUCache(cachetools.LRUCache[KeyT, ValueT]):
    """LRU cache bounded by bytes.

    `size_of`: the size of a key and its value. `on_evict`: called with removed entries, not with replaced values.
    """

    def __init__(
        self,
        max_bytes: int,
        size_of: Callable[[KeyT, ValueT], int],
        *,
        max_entries: int | None = None,
        on_evict: Callable[[KeyT, ValueT], None] | None = None,
    ) -> None:
        self._new_size = _NewSize()
        super().__init__(max_bytes, self._new_size)
        self._size_of = size_of
        self._max_entries = max_entries
        self._on_evict = on_evict

    @property
    def bytes(self) -> int:
        """Total size of all entries."""
        return int(self.currsize)

    def __setitem__(self, key: KeyT, value: ValueT) -> None:
        """Store a value as the most recently used. A value larger than the whole cache is not stored."""
        size = ENTRY_OVERHEAD_BYTES + self._size_of(key, value)
        if size > self.maxsize:
            self.pop(key, None)
            return
        if key in self:
            # It becomes the most recently used, so that it does not make room for itself.
            self[key]
        self._new_size.bytes = size
        super().__setitem__(key, value)
        while self._max_entries is not None and len(self) > self._max_entries:
            self.popitem()

    def __delitem__(self, key: KeyT) -> None:
        value = self.peek(key)
        super().__delitem__(key)
        if self._on_evict is not None:
            self._on_evict(key, value)

    def peek(self, key: KeyT) -> ValueT:
        """Return a value that does not become the most recently used. Raises KeyError."""
        return cachetools.Cache.__getitem__(self, key)

    def resize(self, key: KeyT) -> None:
        """Update the size of an entry whose value has grown or shrunk."""
        if key in self:
            self[key] = self[key]


def bytes_of(*values: str | bytes | float | None) -> int:
    """The memory of atomic values."""
    return sum(map(getsizeof, values))
