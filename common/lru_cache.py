"""An LRU cache bounded by bytes."""

from collections import OrderedDict
from collections.abc import Callable
from sys import getsizeof
from typing import Any, TypeVar, overload

import cachetools

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")
DefaultT = TypeVar("DefaultT")

# Memory of an entry in addition to its key and value: slots in three dictionaries, and its recorded size. tracemalloc
# measures 139 to 218 bytes, depending on when the dictionaries were resized; the rest is malloc's overhead.
ENTRY_OVERHEAD_BYTES = 256

_MISSING: Any = object()


class _NewSize:
    """The size of the entry that is being stored: cachetools passes a value without its key."""

    bytes = 0

    def __call__(self, _value: object) -> int:
        return self.bytes


class LRUCache(cachetools.Cache[KeyT, ValueT]):
    """LRU cache bounded by bytes.

    `size_of`: the size of a key and its value. `on_evict`: called with removed entries, not with replaced values.

    The order is not that of `cachetools.LRUCache`, whose `get` calls three methods: every request looks up several
    entries.
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
        # The least recently used first.
        self._recent: OrderedDict[KeyT, ValueT] = OrderedDict()

    @property
    def bytes(self) -> int:
        """Total size of all entries."""
        return int(self.currsize)

    @overload
    def get(self, key: KeyT, default: None = None, /) -> ValueT | None: ...

    @overload
    def get(self, key: KeyT, default: ValueT | DefaultT, /) -> ValueT | DefaultT: ...

    def get(self, key: KeyT, default: Any = None, /) -> Any:
        """Return a value, which becomes the most recently used, or the default."""
        recent = self._recent
        value = recent.get(key, _MISSING)
        if value is _MISSING:
            return default
        recent.move_to_end(key)
        return value

    def __getitem__(self, key: KeyT) -> ValueT:
        value = self._recent[key]
        self._recent.move_to_end(key)
        return value

    def __setitem__(self, key: KeyT, value: ValueT) -> None:
        """Store a value as the most recently used. A value larger than the whole cache is not stored."""
        size = ENTRY_OVERHEAD_BYTES + self._size_of(key, value)
        if size > self.maxsize:
            self.pop(key, None)
            return
        recent = self._recent
        if key in recent:
            # It becomes the most recently used, so that it does not make room for itself.
            recent.move_to_end(key)
        self._new_size.bytes = size
        super().__setitem__(key, value)
        recent[key] = value
        while self._max_entries is not None and len(recent) > self._max_entries:
            self.popitem()

    def __delitem__(self, key: KeyT) -> None:
        value = self._recent.pop(key)
        super().__delitem__(key)
        if self._on_evict is not None:
            self._on_evict(key, value)

    def popitem(self) -> tuple[KeyT, ValueT]:
        """Remove the least recently used entry. Raises KeyError if the cache is empty."""
        try:
            key, value = next(iter(self._recent.items()))
        except StopIteration:
            raise KeyError("the cache is empty") from None
        del self[key]
        return key, value

    def clear(self) -> None:
        """Remove all entries, without `on_evict`."""
        super().clear()
        self._recent.clear()

    def peek(self, key: KeyT) -> ValueT:
        """Return a value that does not become the most recently used. Raises KeyError."""
        return self._recent[key]

    def resize(self, key: KeyT) -> None:
        """Update the size of an entry whose value has grown or shrunk."""
        if key in self:
            self[key] = self[key]


def bytes_of(*values: str | bytes | float | None) -> int:
    """The memory of atomic values."""
    return sum(map(getsizeof, values))
