"""Caches of small entries charge at least the memory that the entries take."""

import gc
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from cache.local_store import LocalEntry, LocalStore
from cache.redis.local_rate_limits import LocalRateLimits, Use
from common.lru_cache import LRUCache
from db.services.account_look_ups import Account, Profile
from domain.enums import Role
from domain.ids import UserId, new_id
from domain.rate_limits import RateLimit
from domain.viewer import Viewer
from engine.caching.policy import CachedRootField
from engine.caching.template import Hole, Template
from engine.request.used_parts import UsedParts
from server.auth import tokens as authentication
from server.auth import viewer_cache
from server.auth.claims import Claims
from server.graphql import response_cache

NUMBER = 1_000


@dataclass
class Filled:
    """Cached entries, and their total charge."""

    cache: object
    charged: int


def tokens() -> Filled:
    cache = LRUCache(10**9, authentication._claims_bytes)
    for number in range(NUMBER):
        now = datetime.now(UTC) + timedelta(seconds=number)
        cache[f"Bearer {number:0300}"] = Claims(f"{number:0200}", f"{number}@example", f"{number} 日本", now, now)
    return Filled(cache, cache.bytes)


def signed_in() -> Filled:
    cache = LRUCache(10**9, viewer_cache._entry_bytes)
    for number in range(NUMBER):
        profile = Profile(f"{number}@example", f"{number} 日本", datetime.now(UTC) + timedelta(seconds=number))
        account, clients = Account(Viewer(UserId(uuid4()), Role.LEARNER)), frozenset((f"client {number}",))
        cache[f"{number:0200}"] = viewer_cache._Entry(account, profile, number * 1.1, clients)
    return Filled(cache, cache.bytes)


def responses() -> Filled:
    cache = LRUCache(10**9, response_cache._entry_bytes)
    for number in range(NUMBER):
        parts = [CachedRootField(b"a%d_%d" % (number, part), "Query.books", b"%040d" % number) for part in range(3)]
        key = response_cache.RequestKey.from_body(b"%d" % number, "application/json")
        cache[key] = response_cache._Entry(parts, None, "query", UsedParts(), ())
    return Filled(cache, cache.bytes)


def fields() -> Filled:
    store = LocalStore(10**9)
    for number in range(NUMBER):
        pieces = [b"%0300d" % number for _ in range(4)]
        template = Template(
            pieces, [Hole(index, new_id(), ("nodes", number + index, "progress")) for index in range(3)]
        )
        tags = {f"Book:{new_id()}" for _ in range(10)}
        entry = LocalEntry(template, frozenset(tags), 0, number * 0.9, 1e9 + number, 2e9 + number)
        store.put(b"%050d" % number, entry)
    return Filled(store, store.size)


def invalidated_tags() -> Filled:
    store = LocalStore(10**9)
    for _ in range(NUMBER):
        store.invalidate([f"Book:{new_id()}"])
    return Filled(store, store.size)


def rate_limits() -> Filled:
    limits = LocalRateLimits(10**9)
    limit = RateLimit("register", "documents", 100, "none", max_bytes=10**6)
    for number in range(NUMBER // 10):
        for index in range(10):
            assert not limits.acquire(limit, f"viewer:{number}", Use(1, 1_000 + index, f"{index:064}"))
    return Filled(limits, limits._used.bytes)


@pytest.mark.parametrize("fill", [tokens, signed_in, responses, fields, invalidated_tags, rate_limits])
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
