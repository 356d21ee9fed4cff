"""The LRU cache is bounded by memory and by number, and charges entries for the memory that they take."""

import tracemalloc
from collections.abc import Iterable
from sys import getsizeof

import pytest

from common.lru_cache import ENTRY_OVERHEAD_BYTES, LRUCache, bytes_of


def cache_of(max_value_bytes: int, entries: int = 3, **options: object) -> LRUCache[str, int]:
    """A cache whose entries have their value as size."""
    return LRUCache(max_value_bytes + entries * ENTRY_OVERHEAD_BYTES, lambda _, value: value, **options)  # type: ignore[arg-type]  # options of the tests


def found(cache: LRUCache[str, int], keys: Iterable[str]) -> list[int | None]:
    return [cache.get(key) for key in keys]


def test_least_recently_used_entry_is_evicted_first() -> None:
    cache = cache_of(30)
    for key in "abc":
        cache[key] = 10
    cache.get("a")
    cache["d"] = 10
    assert found(cache, "abcd") == [10, None, 10, 10]


def test_replaced_value_is_charged_once() -> None:
    cache = cache_of(30, 2)
    for value in (20, 19, 20):
        cache["a"] = value
    cache["b"] = 10
    assert found(cache, "ab") == [20, 10]
    assert cache.bytes == 30 + 2 * ENTRY_OVERHEAD_BYTES


def test_value_larger_than_the_cache_evicts_nothing_else() -> None:
    cache = cache_of(30, 1)
    cache["a"] = 30
    cache["b"] = 31
    assert found(cache, "ab") == [30, None]
    cache["a"] = 31
    assert found(cache, "ab") == [None, None]


def test_number_of_entries_is_bounded() -> None:
    cache = cache_of(30, max_entries=2)
    for key in "abc":
        cache[key] = 1
    assert found(cache, "abc") == [None, 1, 1]


def test_eviction_callback_receives_entries() -> None:
    evicted: list[tuple[str, int]] = []
    cache = cache_of(30, on_evict=lambda key, value: evicted.append((key, value)))
    for key in "abcd":
        cache[key] = 10
    del cache["c"]
    assert evicted == [("a", 10), ("c", 10)]


def test_growing_value_evicts_others_and_finally_itself() -> None:
    values = {"a": 10, "b": 10}
    cache: LRUCache[str, str] = LRUCache(30 + 2 * ENTRY_OVERHEAD_BYTES, lambda key, _: values[key])
    for key in values:
        cache[key] = key
    values["a"] = 20
    cache.resize("a")
    assert sorted(cache) == ["a", "b"]
    values["a"] = 21
    cache.resize("a")
    assert sorted(cache) == ["a"]
    values["a"] = 1_000
    cache.resize("a")
    assert sorted(cache) == []
    assert cache.bytes == 0


@pytest.mark.parametrize("number", [100, 1_000, 10_000, 30_000])
def test_charge_covers_memory(number: int) -> None:
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        cache: LRUCache[str, bytes] = LRUCache(10**9, lambda key, value: bytes_of(key) + getsizeof(value))
        for index in range(number):
            cache[f"{index:032}"] = b"%0100d" % index
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert len(cache) == number
    assert taken <= cache.bytes <= 1.5 * taken
