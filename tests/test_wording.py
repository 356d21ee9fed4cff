"""`.ci/wording.py` finds rejected words across lines, comments and identifiers."""

import importlib.util
from types import ModuleType

import pytest

from tests.container import ROOT


@pytest.fixture(scope="module")
def wording() -> ModuleType:
    specification = importlib.util.spec_from_file_location("wording", ROOT / ".ci" / "wording.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is made anew.", [("anew", 1, "anew")]),
        ("one\ntwo Anew", [("anew", 2, "anew")]),
        ("def test_value_is_made_anew() -> None: ...", [("anew", 1, "anew")]),
        ("# It is left\n    # out here.", [("left out|leaves out", 1, "left # out")]),
        ("it leaves out", [("left out|leaves out", 1, "leaves out")]),
        ("İ anew", [("anew", 1, "anew")]),
        ("renewal, anewly, canew", []),
        ("left, out", []),
    ],
)
def test_words_are_found(wording: ModuleType, text: str, found: list[tuple[str, int, str]]) -> None:
    rules = wording.Rules({"anew": "again", "left out|leaves out": "omitted"})
    assert list(rules.find(text)) == found


def test_exceptions_are_for_their_paths_and_words(wording: ModuleType) -> None:
    configuration = {
        "pending": {"server": ["anew"]},
        "allowed": [{"words": ["*"], "paths": ["db/migrations/*"], "reason": "History."}],
    }
    assert wording.is_excepted("anew", "server/app.py", configuration)
    assert not wording.is_excepted("left out", "server/app.py", configuration)
    assert wording.is_excepted("left out", "db/migrations/versions/0001.py", configuration)
    assert not wording.is_excepted("left out", "db/queries/books.py", configuration)


def test_every_exception_has_a_reason(wording: ModuleType) -> None:
    configuration = wording.tomllib.loads((ROOT / ".ci" / "wording.toml").read_text())
    assert all(exception["reason"] for exception in configuration["allowed"])
    assert {name for names in configuration["pending"].values() for name in names} <= set(configuration["words"])
