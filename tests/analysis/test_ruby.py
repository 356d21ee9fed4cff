"""Readings that the author gives replace those of the analysis."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import Token, analyze
from analysis.ruby import apply_ruby
from domain.annotated_text import Ruby


def read(text: str, *ruby: tuple[int, int, str]) -> dict[str, Token]:
    tokens = (token for sentence in analyze(text) for token in sentence.tokens)
    found = apply_ruby(tokens, [Ruby(*values) for values in ruby])
    assert "".join(token.surface for token in found) == text
    return {token.surface: token for token in found}


def parts(token: Token) -> list[tuple[str, str | None]]:
    return [(segment.text, segment.reading) for segment in token.furigana]


def test_given_reading_replaces_that_of_the_analysis() -> None:
    token = read("生物を食べた。", (0, 2, "なまもの"))["生物"]
    assert (token.reading, parts(token)) == ("なまもの", [("生物", "なまもの")])


def test_kana_after_the_given_reading_is_read() -> None:
    token = read("本を喰べた。", (2, 1, "た"))["喰べた"]
    assert (token.reading, parts(token)) == ("たべた", [("喰", "た"), ("べた", None)])


def test_other_kanji_leave_the_reading_unknown() -> None:
    token = read("食料を買う。", (0, 1, "しょく"))["食料"]
    assert (token.reading, parts(token)) == (None, [("食", "しょく"), ("料", None)])


@pytest.mark.parametrize(("reading", "is_joined"), [("にほんご", False), ("ジャパニーズ", True)])
def test_tokens_with_another_common_reading_become_one(reading: str, is_joined: bool) -> None:
    tokens = read("日本語を話す。", (0, 3, reading))
    assert ("日本語" in tokens) == is_joined
    assert ("日本" in tokens) != is_joined
    if is_joined:
        assert tokens["日本語"].reading == "じゃぱにーず"


@given(st.data(), st.text("私は日本語を食べた。生物大人東京都🙂\n", min_size=1, max_size=60))
def test_surfaces_and_furigana_are_the_text(data: st.DataObject, text: str) -> None:
    bounds = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    ruby = [(start, end - start, "よみ") for start, end in zip(bounds[::2], bounds[1::2], strict=False)]
    tokens = (token for sentence in analyze(text) for token in sentence.tokens)
    found = apply_ruby(tokens, [Ruby(*values) for values in ruby])
    assert "".join(token.surface for token in found) == text
    for token in found:
        assert not token.furigana or "".join(segment.text for segment in token.furigana) == token.surface
