"""What caches of small entries charge is what the entries take of memory."""

import gc
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from cache.memory import Memory
from cache.rate_limits import LocalRateLimits, _Use
from db.sign_in import Profile
from domain.ids import new_id
from domain.lru_cache import LRUCache
from domain.rate_limits import RateLimit
from domain.values import Role
from domain.viewer import Viewer
from execution.cached_fields import CachedPart
from execution.splicing import Gap, Shell
from server import authentication, shortcuts, viewers
from server.claims import Claims

NUMBER = 2_000


@dataclass
class Filled:
    """Something cached, and what is charged for all of it."""

    cache: object
    charged: int


def tokens() -> Filled:
    cache = LRUCache(10**9, authentication._claims_bytes)
    for number in range(NUMBER):
        now = datetime.now(UTC) + timedelta(seconds=number)
        cache.put(number.to_bytes(32, "big"), Claims(f"{number:0200}", f"{number}@example", f"{number} 日本", now, now))
    return Filled(cache, cache.bytes)


def signed_in() -> Filled:
    cache = LRUCache(10**9, viewers._signed_in_bytes)
    for number in range(NUMBER):
        profile = Profile(f"{number}@example", f"{number} 日本", datetime.now(UTC) + timedelta(seconds=number))
        cache.put(f"{number:0200}", viewers._SignedIn(Viewer(uuid4(), Role.LEARNER), profile, number * 1.1))
    return Filled(cache, cache.bytes)


def responses() -> Filled:
    cache = LRUCache(10**9, shortcuts._bytes)
    for number in range(NUMBER):
        parts = [CachedPart(b"a%d_%d" % (number, part), "Query.books", b"%040d" % number) for part in range(3)]
        cache.put(shortcuts.Asked.by(b"%d" % number, "application/json"), shortcuts._Shortcut(parts, None, "query", ()))
    return Filled(cache, cache.bytes)


def fields() -> Filled:
    memory: Memory[Shell] = Memory(10**9)
    for number in range(NUMBER):
        pieces = [b"%0300d" % number for _ in range(4)]
        shell = Shell(pieces, [Gap(index, new_id(), ("nodes", number + index, "progress")) for index in range(3)])
        tags = {f"Book:{new_id()}" for _ in range(10)}
        memory.put(
            b"%050d" % number, shell, shell.size, tags, 0, made_at=number * 0.9, fresh_until=1e9 + number,
            stale_until=2e9 + number,
        )  # fmt: skip
    return Filled(memory, memory.size)


def changes() -> Filled:
    memory: Memory[Shell] = Memory(10**9)
    for _ in range(NUMBER):
        memory.change([f"Book:{new_id()}"])
    return Filled(memory, memory.size)


def rate_limits() -> Filled:
    limits = LocalRateLimits(10**9)
    limit = RateLimit("register", "documents", 100, "none", max_bytes=10**6)
    for number in range(NUMBER // 10):
        for index in range(10):
            assert not limits.take(limit, f"viewer:{number}", _Use(1, 1_000 + index, f"{index:064}"))
    return Filled(limits, limits._used.bytes)


@pytest.mark.parametrize("fill", [tokens, signed_in, responses, fields, changes, rate_limits])
def test_charge_covers_memory(fill: Callable[[], Filled]) -> None:
    fill()
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        filled = fill()
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert taken <= filled.charged, f"{taken / NUMBER:.0f} bytes an entry, {filled.charged / NUMBER:.0f} charged"
    assert filled.charged <= 3 * taken, f"{taken / NUMBER:.0f} bytes an entry, {filled.charged / NUMBER:.0f} charged"
