"""The LRU cache is bounded by memory and by number, and charges entries for the memory that they take."""

import sys
import tracemalloc
from collections.abc import Iterable
from sys import getsizeof
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.lru_cache import ENTRY_OVERHEAD_BYTES, LRUCache, bytes_of


def cache_of(max_value_bytes: int, entries: int = 3, **options: Any) -> LRUCache[str, int]:
    """A cache whose entries have their value as size."""
    return LRUCache(max_value_bytes + entries * ENTRY_OVERHEAD_BYTES, lambda _, value: value, **options)


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


def test_cleared_cache_is_empty() -> None:
    cache = cache_of(30)
    for _ in range(2):
        cache["a"] = 30
        cache.clear()
        assert (len(cache), cache.bytes, cache.get("a")) == (0, 0, None)
    with pytest.raises(KeyError):
        cache.popitem()


def test_lookup_is_one_call() -> None:
    cache = cache_of(30)
    cache["a"] = 10
    calls: list[str] = []

    def record(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            calls.append(frame.f_code.co_name)

    sys.setprofile(record)
    try:
        values = cache.get("a"), cache.get("b"), cache.get("b", 1)
    finally:
        sys.setprofile(None)
    assert (values, calls) == ((10, None, 1), ["get"] * 3)


OPERATIONS = st.tuples(st.sampled_from(["get", "store", "pop", "popitem"]), st.sampled_from("abcde"))


@given(st.lists(st.tuples(OPERATIONS, st.integers(0, 40)), max_size=60))
def test_content_and_order_are_those_of_a_list(steps: list[tuple[tuple[str, str], int]]) -> None:
    cache = cache_of(40, 3, max_entries=3)
    # The least recently used first.
    model: list[tuple[str, int]] = []
    for (operation, key), size in steps:
        known = dict(model)
        others = [entry for entry in model if entry[0] != key]
        match operation:
            case "get":
                assert cache.get(key) == known.get(key)
                if key in known:
                    model = [*others, (key, known[key])]
            case "store":
                cache[key] = size
                model = [*others, (key, size)] if size + ENTRY_OVERHEAD_BYTES <= cache.maxsize else others
                while len(model) > 3 or sum(size + ENTRY_OVERHEAD_BYTES for _, size in model) > cache.maxsize:
                    del model[0]
            case "popitem":
                if model:
                    assert cache.popitem() == model.pop(0)
            case _:
                assert cache.pop(key, None) == known.get(key)
                model = others
        assert sorted(cache) == sorted(key for key, _ in model)
        assert cache.bytes == sum(size + ENTRY_OVERHEAD_BYTES for _, size in model)
    assert [cache.popitem() for _ in range(len(cache))] == model


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
