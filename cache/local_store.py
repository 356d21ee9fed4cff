"""What this process keeps itself, bounded in bytes: the least used go first."""

from collections import OrderedDict
from collections.abc import Collection
from sys import getsizeof
from typing import Generic, TypeVar

from common.lru_cache import ENTRY_OVERHEAD_BYTES, LRUCache, bytes_of

ValueT = TypeVar("ValueT")

# A Kept and its numbers, beside its value and its tags.
_KEPT_BYTES = 250

# Changes that are remembered. What was made before the oldest of them is not valid any more.
MAX_CHANGES = 100_000
# They have this share of all bytes.
_SHARE_OF_CHANGES = 8
_MIN_CHANGES_BYTES = 64 * 1024


class Kept(Generic[ValueT]):
    """A value with its tags and its times: made at, fresh until and usable until, in seconds since 1970."""

    __slots__ = ("began", "checked", "fresh_until", "made_at", "size", "stale_until", "tags", "value")

    def __init__(
        self,
        value: ValueT,
        tags: frozenset[str],
        began: int,
        made_at: float,
        fresh_until: float,
        stale_until: float,
        size: int,
    ) -> None:
        self.value = value
        self.tags = tags
        self.began = began
        # No change up to this one was of its tags.
        self.checked = began
        self.made_at = made_at
        self.fresh_until = fresh_until
        self.stale_until = stale_until
        self.size = size


class Memory(Generic[ValueT]):
    """Values by key. `moment`: counts the changes that this process heard of."""

    def __init__(self, max_bytes: int) -> None:
        self._max_changes_bytes = max(max_bytes // _SHARE_OF_CHANGES, _MIN_CHANGES_BYTES)
        self._kept: LRUCache[bytes, Kept[ValueT]] = LRUCache(
            max_bytes - max_bytes // _SHARE_OF_CHANGES, lambda key, kept: getsizeof(key) + kept.size
        )
        # In the order of the changes, whatever is read.
        self._changed: OrderedDict[str, int] = OrderedDict()
        self._changes_bytes = 0
        self._forgotten = 0
        self.moment = 0

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size(self) -> int:
        """In bytes."""
        return self._kept.bytes + self._changes_bytes

    def get(self, key: bytes, now: float) -> tuple[Kept[ValueT], bool] | None:
        """A value that may be used at this time, and whether it is fresh."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.checked != self.moment:
            if not self.unchanged(kept.tags, kept.began):
                self._kept.remove(key)
                return None
            kept.checked = self.moment
        if now >= kept.stale_until:
            self._kept.remove(key)
            return None
        return kept, now < kept.fresh_until

    def put(
        self,
        key: bytes,
        value: ValueT,
        size: int,
        tags: Collection[str],
        began: int,
        *,
        made_at: float,
        fresh_until: float,
        stale_until: float,
    ) -> None:
        """Keeps a value of so many bytes, which is made of what `tags` say as it was at `began`, or later."""
        kept_tags = frozenset(tags)
        size += _KEPT_BYTES + getsizeof(kept_tags) + bytes_of(*kept_tags)
        self._kept.put(key, Kept(value, kept_tags, began, made_at, fresh_until, stale_until, size))

    def unchanged(self, tags: Collection[str], since: int) -> bool:
        """Whether nothing that is made of these changed after the moment."""
        if since < self._forgotten:
            return False
        changed = self._changed
        return not any(changed.get(tag, 0) > since for tag in tags)

    def change(self, tags: Collection[str]) -> None:
        """What is made of these is old from now on, also where it is still being made."""
        self.moment += 1
        for tag in tags:
            if tag in self._changed:
                self._changed.move_to_end(tag)
            else:
                self._changes_bytes += _change_bytes(tag)
            self._changed[tag] = self.moment
        while len(self._changed) > MAX_CHANGES or self._changes_bytes > self._max_changes_bytes:
            oldest, self._forgotten = self._changed.popitem(last=False)
            self._changes_bytes -= _change_bytes(oldest)

    def clear(self) -> None:
        """Everything is old from now on."""
        self.moment += 1
        self._forgotten = self.moment
        self._changed.clear()
        self._changes_bytes = 0
        self._kept.clear()


def _change_bytes(tag: str) -> int:
    return ENTRY_OVERHEAD_BYTES + getsizeof(tag)
