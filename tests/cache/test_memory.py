"""What a process keeps is bounded, expires, and is forgotten when what it is made of changes."""

import pytest

from cache import local_store
from cache.local_store import Memory


def put(kept: Memory[str], key: bytes, *tags: str, began: int = 0, size: int = 0) -> None:
    kept.put(key, key.decode(), size, tags, began, made_at=0, fresh_until=10, stale_until=20)


def shown(kept: Memory[str], key: bytes, now: float) -> tuple[str, bool] | None:
    """The value that may be used, and whether it is fresh."""
    found = kept.get(key, now)
    return None if found is None else (found[0].value, found[1])


def test_a_value_is_fresh_then_stale_then_gone() -> None:
    kept: Memory[str] = Memory(10_000)
    put(kept, b"a", "Book:1")
    assert [shown(kept, b"a", now) for now in (9, 10, 20, 9)] == [("a", True), ("a", False), None, None]


def test_times_of_a_value_are_those_it_was_put_with() -> None:
    kept: Memory[str] = Memory(10_000)
    kept.put(b"a", "a", 1, ["x"], 0, made_at=3, fresh_until=10, stale_until=20)
    found = kept.get(b"a", 4)
    assert found
    assert (found[0].made_at, found[0].fresh_until, found[0].stale_until) == (3, 10, 20)


def test_a_change_makes_old_what_is_made_of_it_and_nothing_else() -> None:
    kept: Memory[str] = Memory(10_000)
    put(kept, b"a", "Book:1", "*")
    put(kept, b"b", "Book:2", "*")
    kept.change(["Book:1"])
    assert [shown(kept, key, 0) for key in (b"a", b"b")] == [None, ("b", True)]
    kept.change(["*"])
    assert kept.get(b"b", 0) is None


def test_what_began_before_a_change_is_old_when_it_is_put() -> None:
    kept: Memory[str] = Memory(10_000)
    began = kept.moment
    kept.change(["Book:1"])
    put(kept, b"a", "Book:1", began=began)
    assert kept.get(b"a", 0) is None
    put(kept, b"a", "Book:1", began=kept.moment)
    assert shown(kept, b"a", 0) == ("a", True)


def test_the_least_used_make_room() -> None:
    kept: Memory[str] = Memory(4_500)
    for key in (b"a", b"b", b"c"):
        put(kept, key, size=500)
    kept.get(b"a", 0)
    put(kept, b"d", size=500)
    assert [kept.get(key, 0) is not None for key in (b"a", b"b", b"c", b"d")] == [True, False, True, True]
    assert kept.size <= 4_500
    put(kept, b"e", size=10_000)
    assert kept.get(b"e", 0) is None
    assert len(kept) == 3


def test_a_key_that_is_put_again_takes_its_room_once() -> None:
    kept: Memory[str] = Memory(10_000)
    for _ in range(3):
        put(kept, b"a", "x", size=100)
    before = kept.size
    put(kept, b"a", "x", size=100)
    assert kept.size == before
    kept.clear()
    assert (kept.size, len(kept)) == (0, 0)


def test_changes_that_are_too_many_to_remember_make_the_older_void(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_store, "MAX_CHANGES", 3)
    kept: Memory[str] = Memory(10_000)
    put(kept, b"old", "Book:1", began=kept.moment)
    for number in range(4):
        kept.change([f"Book:{number + 2}"])
    put(kept, b"new", "Book:1", began=kept.moment)
    assert kept.get(b"old", 0) is None
    assert shown(kept, b"new", 0) == ("new", True)
