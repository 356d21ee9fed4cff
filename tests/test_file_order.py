"""The list of slow files that run first."""

from pathlib import Path

from tests.file_order import SLOWEST

ROOT = Path(__file__).parents[1]


def test_slow_files_exist() -> None:
    assert [name for name in SLOWEST if not (ROOT / name).is_file()] == []
