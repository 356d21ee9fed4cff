"""An LRU cache bounded by bytes."""

from collections import OrderedDict
from collections.abc import Callable, ItemsView, Iterator
from sys import getsizeof
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

# Memory of an entry in addition to its key and value: slots in two dictionaries, and its recorded size. tracemalloc
# measures 135 to 210 bytes, depending on when the dictionaries were resized; the rest is malloc's overhead.
ENTRY_OVERHEAD_BYTES = 256


class LRUCache(Generic[KeyT, ValueT]):
    """LRU cache bounded by bytes. `size_of`: the size of a key and its value. `on_evict`: called with evicted entries.

    A request uses many of these caches, so that `get` is a single function for speed.
    """

    def __init__(
        self,
        max_bytes: int,
        size_of: Callable[[KeyT, ValueT], int],
        *,
        max_entries: int | None = None,
        on_evict: Callable[[KeyT, ValueT], None] | None = None,
    ) -> None:
        self.max_bytes = max_bytes
        # Total size of all entries.
        self.bytes = 0
        self._size_of = size_of
        self._max_entries = max_entries
        self._on_evict = on_evict
        # The least recently used entry is the first.
        self._values: OrderedDict[KeyT, ValueT] = OrderedDict()
        self._charges: dict[KeyT, int] = {}

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[KeyT]:
        return iter(self._values)

    def items(self) -> ItemsView[KeyT, ValueT]:
        return self._values.items()

    def get(self, key: KeyT) -> ValueT | None:
        """The value, which becomes the most recently used, or None."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: KeyT, value: ValueT) -> None:
        """Store a value as the most recently used. A value larger than the whole cache is not stored."""
        charge = ENTRY_OVERHEAD_BYTES + self._size_of(key, value)
        if charge > self.max_bytes:
            self.remove(key)
            return
        self.bytes += charge - self._charges.get(key, 0)
        self._charges[key] = charge
        self._values[key] = value
        self._values.move_to_end(key)
        while self.bytes > self.max_bytes or (self._max_entries is not None and len(self._values) > self._max_entries):
            self.remove(next(iter(self._values)))

    def resize(self, key: KeyT) -> None:
        """Update the size of an entry whose value has grown or shrunk."""
        if key in self._values:
            self.put(key, self._values[key])

    def remove(self, key: KeyT) -> None:
        """Evict an entry, if it exists."""
        if key in self._values:
            value = self._values.pop(key)
            self.bytes -= self._charges.pop(key)
            if self._on_evict is not None:
                self._on_evict(key, value)

    def clear(self) -> None:
        """Evict all entries."""
        for key in list(self._values):
            self.remove(key)


def bytes_of(*values: str | bytes | float | None) -> int:
    """The memory of atomic values."""
    return sum(map(getsizeof, values))
