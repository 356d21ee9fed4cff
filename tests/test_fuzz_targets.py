"""`make fuzz` runs every test whose size depends on its variables, and only existing files."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Read by tests, or by modules that tests of several folders import.
VARIABLES = re.compile(r"FUZZ_[A-Z]+\b|\bEVERY\b")


def fuzzed() -> list[Path]:
    """The files and folders of the variable FUZZED."""
    [lines] = re.findall(r"^FUZZED := ((?:.*\\\n)*.*)$", (ROOT / "Makefile").read_text(), re.M)
    paths = []
    for prefix, names, plain in re.findall(r"\$\(addprefix (\S+),([^)]*)\)|(\S+)", lines.replace("\\\n", " ")):
        paths += [ROOT / plain] if plain else [ROOT / f"{prefix}{name}" for name in names.split()]
    return paths


def test_fuzzed_files_exist() -> None:
    assert [path for path in fuzzed() if not path.exists()] == []


def test_every_test_with_a_larger_size_is_fuzzed() -> None:
    paths = fuzzed()
    assert len(paths) > 10
    found = [path for path in (ROOT / "tests").rglob("test_*.py") if VARIABLES.search(path.read_text())]
    assert len(found) > 10
    missing = [path for path in found if path != Path(__file__) and not any(path.is_relative_to(one) for one in paths)]
    assert missing == []


def test_files_of_the_second_environment_exist() -> None:
    [files] = re.findall(r"^SECOND_ENVIRONMENT=\((.*?)^\)", (ROOT / ".ci/run").read_text(), re.S | re.M)
    paths = files.split()
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []
