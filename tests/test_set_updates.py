"""A set in a loop grows by `update`: `|=` with the keys of a dictionary makes a copy of the whole set each time."""

import re

from tests.test_unused_names import PACKAGES, ROOT

COPY = re.compile(r"\|= [\w.]+\.(?:keys|items)\(\)")


def test_copies_are_found() -> None:
    assert COPY.search("        taken |= log.undone.keys()\n")
    assert not COPY.search("taken.update(log.undone)\ntaken |= known\n")


def test_sets_are_not_copied() -> None:
    paths = [
        path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts
    ]
    assert len(paths) > 500
    assert [path for path in paths if COPY.search(path.read_text())] == []
