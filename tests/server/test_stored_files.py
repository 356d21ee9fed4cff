"""Ranges of stored files."""

import pytest

from server.http.stored_file import parse_range


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("bytes=0-", (0, 100)),
        ("bytes=90-", (90, 100)),
        ("bytes=10-19", (10, 20)),
        ("bytes=90-500", (90, 100)),
        ("bytes=-5", (95, 100)),
        ("bytes=-500", (0, 100)),
        # Nothing of it is in the file.
        ("bytes=100-", (100, 100)),
        ("bytes=200-300", (100, 100)),
        ("bytes=-0", (100, 100)),
        # Several ranges, and what is no range, are ignored.
        ("bytes=0-1,5-6", None),
        ("bytes=20-10", None),
        ("bytes=-", None),
        ("lines=1-2", None),
        ("bytes=" + "9" * 16 + "-", None),
    ],
)
def test_range_of_a_request(value: str | None, expected: tuple[int, int] | None) -> None:
    assert parse_range(value, 100) == expected
