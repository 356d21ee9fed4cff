"""The stylesheets of the app's screens do not reach other screens.

A stylesheet is loaded with the first screen that imports it, and then stays: a rule that matches elements of other
screens would change them, depending on what was opened before.
"""

import re
from pathlib import Path

import pytest

from tests.container import ROOT

_SOURCE = ROOT / "examples/web/src"
_SHEETS = sorted((_SOURCE / "screens").rglob("*.css"))
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_KEYFRAMES = re.compile(r"@keyframes[^{]*\{(?:[^{}]*\{[^}]*\})*\s*\}")
_SELECTORS = re.compile(r"([^{}@;]+)\{[^{}]*\}")
_CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
_CLASS_NAMES = re.compile(r'className=(?:"[^"]*"|\{[^}]*\}+)')


def _selectors(sheet: Path) -> list[str]:
    text = _KEYFRAMES.sub("", _COMMENT.sub("", sheet.read_text(encoding="utf-8")))
    # A comma between parentheses is part of a selector.
    groups = [re.sub(r"\([^)]*\)", "", selectors) for selectors in _SELECTORS.findall(text)]
    return [selector.strip() for selectors in groups for selector in selectors.split(",")]


def _components_with(name: str) -> list[Path]:
    # The end of a name may be a value: `review-${grade}`.
    names = "|".join([re.escape(name), *([re.escape(name.rsplit("-", 1)[0]) + r"-\$"] if "-" in name else [])])
    word = re.compile(rf"(?<![\w-])(?:{names})(?![\w-])")
    return [
        file
        for file in _SOURCE.rglob("*.tsx")
        if any(word.search(names) for names in _CLASS_NAMES.findall(file.read_text(encoding="utf-8")))
    ]


@pytest.mark.parametrize("sheet", _SHEETS, ids=[str(sheet.relative_to(_SOURCE)) for sheet in _SHEETS])
def test_selectors_begin_with_a_class_of_the_screen(sheet: Path) -> None:
    for selector in _selectors(sheet):
        first = _CLASS.match(selector)
        assert first, f"{selector}: it has no class of the screen"
        components = _components_with(first[1])
        assert components, f"{selector}: no component has the class"
        others = [str(file.relative_to(_SOURCE)) for file in components if not file.is_relative_to(sheet.parent)]
        assert others == [], f"{selector}: it matches parts of other screens"


def test_there_are_stylesheets() -> None:
    assert len(_SHEETS) > 5
