"""The in-process store is bounded in bytes, expires its entries, and drops them when their tags are invalidated."""

import pytest

from cache import local_store
from cache.local_store import LocalEntry, LocalStore
from tests.cache.values import value


def put(store: LocalStore, key: bytes, *tags: str, generation: int = 0, size: int = 0) -> None:
    store.put(key, LocalEntry(value(key.decode() + " " * size), frozenset(tags), generation, 3, 10, 20))


def get(store: LocalStore, key: bytes, now: float) -> tuple[str, bool] | None:
    """The usable value, and whether it is fresh."""
    found = store.get(key, now)
    return None if found is None else (found[0].value.chunks[0].decode().strip(), found[1])


def test_value_is_fresh_then_stale_then_expired() -> None:
    store = LocalStore(10_000)
    put(store, b"a", "Book:1")
    assert [get(store, b"a", now) for now in (9, 10, 20, 9)] == [("a", True), ("a", False), None, None]


def test_entry_has_the_times_it_was_stored_with() -> None:
    store = LocalStore(10_000)
    put(store, b"a", "x")
    found = store.get(b"a", 4)
    assert found
    assert (found[0].computed_at, found[0].fresh_until, found[0].stale_until) == (3, 10, 20)


def test_invalidation_drops_values_with_the_tag_and_no_others() -> None:
    store = LocalStore(10_000)
    put(store, b"a", "Book:1", "*")
    put(store, b"b", "Book:2", "*")
    store.invalidate(["Book:1"])
    assert [get(store, key, 0) for key in (b"a", b"b")] == [None, ("b", True)]
    store.invalidate(["*"])
    assert store.get(b"b", 0) is None


def test_value_computed_before_an_invalidation_is_stale_when_stored() -> None:
    store = LocalStore(10_000)
    generation = store.generation
    store.invalidate(["Book:1"])
    put(store, b"a", "Book:1", generation=generation)
    assert store.get(b"a", 0) is None
    put(store, b"a", "Book:1", generation=store.generation)
    assert get(store, b"a", 0) == ("a", True)


def test_least_recently_used_values_are_evicted() -> None:
    store = LocalStore(6_500)
    for key in (b"a", b"b", b"c"):
        put(store, key, size=500)
    store.get(b"a", 0)
    put(store, b"d", size=500)
    assert [store.get(key, 0) is not None for key in (b"a", b"b", b"c", b"d")] == [True, False, True, True]
    assert store.size <= 6_500
    put(store, b"e", size=10_000)
    assert store.get(b"e", 0) is None
    assert len(store) == 3


def test_replaced_entry_is_charged_once() -> None:
    store = LocalStore(10_000)
    for _ in range(3):
        put(store, b"a", "x", size=100)
    before = store.size
    put(store, b"a", "x", size=100)
    assert store.size == before
    store.clear()
    assert (store.size, len(store)) == (0, 0)


def test_values_older_than_the_invalidation_log_are_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_store, "MAX_INVALIDATED_TAGS", 3)
    store = LocalStore(10_000)
    put(store, b"old", "Book:1", generation=store.generation)
    for number in range(4):
        store.invalidate([f"Book:{number + 2}"])
    put(store, b"new", "Book:1", generation=store.generation)
    assert store.get(b"old", 0) is None
    assert get(store, b"new", 0) == ("new", True)
