"""What is used is kept, within bytes and in number."""

from execution.latest import Latest


def kept_of(latest: Latest[str, int], keys: str) -> list[int | None]:
    return [latest.get(key) for key in keys]


def test_the_least_used_goes_first() -> None:
    latest: Latest[str, int] = Latest(max_bytes=30)
    for number, key in enumerate("abc"):
        latest.put(key, number, 10)
    latest.get("a")
    latest.put("d", 3, 10)
    assert kept_of(latest, "abcd") == [0, None, 2, 3]


def test_what_is_put_again_takes_its_room_once() -> None:
    latest: Latest[str, int] = Latest(max_bytes=30)
    for number in range(5):
        latest.put("a", number, 20)
    latest.put("b", 9, 10)
    assert kept_of(latest, "ab") == [4, 9]


def test_what_is_larger_than_the_whole_drives_nothing_out() -> None:
    latest: Latest[str, int] = Latest(max_bytes=30)
    latest.put("a", 1, 30)
    latest.put("b", 2, 31)
    assert kept_of(latest, "ab") == [1, None]
    latest.put("a", 3, 31)
    assert kept_of(latest, "ab") == [None, None]


def test_the_number_is_a_bound_too() -> None:
    latest: Latest[str, int] = Latest(max_bytes=30, max_entries=2)
    for number, key in enumerate("abc"):
        latest.put(key, number, 1)
    assert kept_of(latest, "abc") == [None, 1, 2]
