"""Records the tags of what is read while a value is computed."""

import math
from datetime import datetime

from cache.redis.client import CacheUnavailable
from cache.tag_versions import TagVersions
from cache.types import ALL_TAG


class TagRecorder:
    """A TagCollector. `versions`: by tag, as they were before the reads; None without Redis or if it is unavailable."""

    def __init__(self, versions: TagVersions | None) -> None:
        self._versions = versions
        self.tags: set[str] = set()
        self.versions: dict[str, str] | None = None if versions is None else {}
        # Whether every read had tags: otherwise no notification announces all changes of the value.
        self.is_complete = True
        # When the value changes although nothing is written, in seconds since 1970.
        self.expires_at = math.inf

    @property
    def is_cacheable(self) -> bool:
        return self.is_complete and bool(self.tags)

    def expires(self, at: datetime) -> None:
        self.expires_at = min(self.expires_at, at.timestamp())

    async def __call__(self, tags: set[str]) -> None:
        if not tags:
            self.is_complete = False
        new = (tags | {ALL_TAG}) - self.tags
        self.tags |= new
        if self.versions is not None and self._versions is not None and new:
            try:
                self.versions |= await self._versions.get_or_create(sorted(new))
            except CacheUnavailable:
                self.versions = None
