"""The excerpts of docs/clients.md are parts of the files that they name."""

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_EXCERPT = re.compile(r"^`(examples/[^`]+)`:\n\n```\w+\n(.*?)```$", re.MULTILINE | re.DOTALL)
_EXCERPTS = _EXCERPT.findall((_ROOT / "docs/clients.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("file", "excerpt"), _EXCERPTS, ids=[file for file, _ in _EXCERPTS])
def test_excerpt_is_in_its_file(file: str, excerpt: str) -> None:
    assert excerpt in (_ROOT / file).read_text(encoding="utf-8")


def test_there_are_excerpts() -> None:
    assert len(_EXCERPTS) >= 9
