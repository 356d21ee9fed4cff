"""The in-process store: an LRU cache bounded by bytes, with a log of invalidated tags."""

from collections import OrderedDict
from collections.abc import Collection
from sys import getsizeof

from common.lru_cache import ENTRY_OVERHEAD_BYTES, LRUCache, bytes_of
from engine.caching.template import Template

# A LocalEntry and its numbers, in addition to its value and its tags.
_ENTRY_BYTES = 250

# Length of the log of invalidated tags. Values computed before its oldest entry are invalid.
MAX_INVALIDATED_TAGS = 100_000
# The log may use this fraction of all bytes, and at least the minimum.
_LOG_SHARE = 8
_MIN_LOG_BYTES = 64 * 1024


class LocalEntry:
    """A value with its tags. `computed_at`, `fresh_until` and `stale_until` are in seconds since 1970."""

    __slots__ = (
        "checked_generation",
        "computed_at",
        "fresh_until",
        "generation",
        "size",
        "stale_until",
        "tags",
        "value",
    )

    def __init__(
        self,
        value: Template,
        tags: frozenset[str],
        generation: int,
        computed_at: float,
        fresh_until: float,
        stale_until: float,
    ) -> None:
        self.value = value
        self.tags = tags
        self.generation = generation
        # No invalidation up to this one was of its tags.
        self.checked_generation = generation
        self.computed_at = computed_at
        self.fresh_until = fresh_until
        self.stale_until = stale_until
        self.size = value.size + _ENTRY_BYTES + getsizeof(tags) + bytes_of(*tags)


class LocalStore:
    """Values by key. `generation` counts the invalidations that this process has received."""

    def __init__(self, max_bytes: int) -> None:
        self._max_log_bytes = max(max_bytes // _LOG_SHARE, _MIN_LOG_BYTES)
        self._entries: LRUCache[bytes, LocalEntry] = LRUCache(
            max_bytes - max_bytes // _LOG_SHARE, lambda key, entry: getsizeof(key) + entry.size
        )
        # The generation of each tag's last invalidation, oldest first.
        self._tag_generations: OrderedDict[str, int] = OrderedDict()
        self._log_bytes = 0
        self._min_generation = 0
        self.generation = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size(self) -> int:
        """In bytes."""
        return self._entries.bytes + self._log_bytes

    def get(self, key: bytes, now: float) -> tuple[LocalEntry, bool] | None:
        """A valid entry, and whether it is fresh at `now` (seconds since 1970)."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.checked_generation != self.generation:
            if not self.is_current(entry.tags, entry.generation):
                del self._entries[key]
                return None
            entry.checked_generation = self.generation
        if now >= entry.stale_until:
            del self._entries[key]
            return None
        return entry, now < entry.fresh_until

    def put(self, key: bytes, entry: LocalEntry) -> None:
        self._entries[key] = entry

    def is_current(self, tags: Collection[str], generation: int) -> bool:
        """Whether none of the tags was invalidated after `generation`."""
        if generation < self._min_generation:
            return False
        last = self._tag_generations
        return not any(last.get(tag, 0) > generation for tag in tags)

    def invalidate(self, tags: Collection[str]) -> None:
        """Invalidates all values with any of the tags, also those that are being computed."""
        self.generation += 1
        for tag in tags:
            if tag in self._tag_generations:
                self._tag_generations.move_to_end(tag)
            else:
                self._log_bytes += _log_bytes(tag)
            self._tag_generations[tag] = self.generation
        while len(self._tag_generations) > MAX_INVALIDATED_TAGS or self._log_bytes > self._max_log_bytes:
            oldest, self._min_generation = self._tag_generations.popitem(last=False)
            self._log_bytes -= _log_bytes(oldest)

    def clear(self) -> None:
        """Invalidates everything."""
        self.generation += 1
        self._min_generation = self.generation
        self._tag_generations.clear()
        self._log_bytes = 0
        self._entries.clear()


def _log_bytes(tag: str) -> int:
    return ENTRY_OVERHEAD_BYTES + getsizeof(tag)
