"""An LRU cache that is bounded by the memory of its entries, not by their number alone."""

from collections.abc import Callable
from sys import getsizeof
from typing import TypeVar

import cachetools

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

# What an entry takes next to its key and its value: its places in three dictionaries, and the charge itself. By
# tracemalloc 135 to 210 bytes, depending on when the dictionaries grew last; malloc's headers and holes are the rest.
ENTRY_OVERHEAD_BYTES = 256


class LRUCache(cachetools.LRUCache[KeyT, ValueT]):
    """`size_of`: the bytes of a key and its value, without what the cache adds. `on_evict`: is given what made room.

    `get` marks an entry as used, and answers None where there is none.
    """

    def __init__(
        self,
        max_bytes: int,
        size_of: Callable[[KeyT, ValueT], int],
        *,
        max_entries: int | None = None,
        on_evict: Callable[[KeyT, ValueT], None] | None = None,
    ) -> None:
        # cachetools asks for the size of a value alone; `put` has charged the key as well.
        super().__init__(max_bytes, lambda _: self._charge)
        self._charge = 0
        self._size_of = size_of
        self._max_entries = max_entries
        self._on_evict = on_evict

    @property
    def bytes(self) -> int:
        """What all entries take."""
        return int(self.currsize)

    def put(self, key: KeyT, value: ValueT) -> None:
        """Stores a value as the one used last. What is larger than the whole cache is not stored."""
        self._charge = ENTRY_OVERHEAD_BYTES + self._size_of(key, value)
        if self._charge > self.maxsize:
            self.remove(key)
            return
        self[key] = value
        while self._max_entries is not None and len(self) > self._max_entries:
            self.popitem()

    def resize(self, key: KeyT) -> None:
        """Charges an entry again, whose value has grown or shrunk since it was stored."""
        if key in self:
            self.put(key, self[key])

    def remove(self, key: KeyT) -> None:
        """Where it is there. It counts as evicted."""
        if key in self:
            value = self[key]
            del self[key]
            if self._on_evict is not None:
                self._on_evict(key, value)

    def popitem(self) -> tuple[KeyT, ValueT]:
        """Evicts the entry that was not used for longest."""
        key, value = super().popitem()
        if self._on_evict is not None:
            self._on_evict(key, value)
        return key, value


def bytes_of(*values: str | bytes | float | None) -> int:
    """The memory of values without parts."""
    return sum(map(getsizeof, values))
