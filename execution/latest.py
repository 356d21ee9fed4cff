"""What was used last, within a number of bytes."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class Latest(Generic[KeyT, ValueT]):
    """Values by key. Where they take more than `max_bytes`, or are more than `max_entries`, the least used go."""

    def __init__(self, *, max_bytes: int, max_entries: int | None = None) -> None:
        self._max_bytes = max_bytes
        self._max_entries = max_entries
        self._bytes = 0
        # With the size of each.
        self._kept: OrderedDict[KeyT, tuple[ValueT, int]] = OrderedDict()

    def get(self, key: KeyT) -> ValueT | None:
        """It is used by that."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        self._kept.move_to_end(key)
        return kept[0]

    def put(self, key: KeyT, value: ValueT, size: int) -> None:
        """Keeps a value of so many bytes. One that is larger than the whole is not kept."""
        if key in self._kept:
            self._bytes -= self._kept.pop(key)[1]
        if size > self._max_bytes:
            return
        self._kept[key] = (value, size)
        self._bytes += size
        while self._is_too_much():
            _, (_, removed) = self._kept.popitem(last=False)
            self._bytes -= removed

    def _is_too_much(self) -> bool:
        return self._bytes > self._max_bytes or (self._max_entries is not None and len(self._kept) > self._max_entries)
