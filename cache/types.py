"""What callers pass to the store and get from it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cache.metrics import CacheOutcome
from engine.caching.template import Template

# Every value has this tag: invalidating it invalidates the whole cache.
ALL_TAG = "*"


class TagCollector(Protocol):
    """Collects the tags of what is read while a value is computed."""

    async def __call__(self, tags: set[str]) -> None:
        """Called before a read. An empty set means that no notification announces changes: the value is not cached."""

    def expires(self, at: datetime) -> None:
        """Limits the lifetime: at this time the value changes although nothing is written."""


@dataclass(frozen=True, slots=True)
class CacheRequest:
    """A value by its key (ASCII). `compute` returns None for a value that must not be cached.

    `ttl_seconds`: how long the value is fresh. `is_shared`: it is the same for every viewer.
    """

    key: bytes
    ttl_seconds: float
    is_shared: bool
    compute: Callable[[TagCollector], Awaitable[Template | None]]


@dataclass(frozen=True, slots=True)
class CacheResult:
    """A value and how it was found. `generation`: no invalidation of its tags up to this one is missing in it.

    Times are in seconds since 1970. After `stale_until` the value is not served.
    """

    value: Template
    outcome: CacheOutcome
    tags: frozenset[str]
    generation: int
    computed_at: float
    fresh_until: float
    stale_until: float
