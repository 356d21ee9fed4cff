"""Readings that the author gives replace those of the analysis."""

from collections.abc import Iterable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import Token, analyze
from analysis.known_entries import Entry, KnownEntries
from analysis.lookup import EntryMatcher, keys_of
from analysis.ruby import apply_ruby
from domain.annotated_text import Ruby
from domain.search.index_keys import READING, SPELLING


def read(text: str, *ruby: tuple[int, int, str]) -> dict[str, Token]:
    return {token.surface: token for token in tokens_of(text, ruby)}


def tokens_of(text: str, ruby: Iterable[tuple[int, int, str]]) -> list[Token]:
    sentences = apply_ruby(analyze(text), [Ruby(*values) for values in ruby])
    assert "".join(sentence.text for sentence in sentences) == text
    for sentence in sentences:
        assert "".join(token.surface for token in sentence.tokens) == sentence.text
    return [token for sentence in sentences for token in sentence.tokens]


def parts(token: Token) -> list[tuple[str, str | None]]:
    return [(segment.text, segment.reading) for segment in token.furigana]


def test_given_reading_replaces_that_of_the_analysis() -> None:
    token = read("生物を食べた。", (0, 2, "なまもの"))["生物"]
    assert (token.reading, parts(token)) == ("なまもの", [("生物", "なまもの")])


def test_kana_after_the_given_reading_is_read() -> None:
    token = read("本を喰べた。", (2, 1, "た"))["喰べた"]
    assert (token.reading, parts(token)) == ("たべた", [("喰", "た"), ("べた", None)])


def test_other_kanji_are_read_as_in_the_analysis_if_it_agrees() -> None:
    token = read("食料を買う。", (0, 1, "しょく"))["食料"]
    assert (token.reading, parts(token)) == ("しょくりょう", [("食", "しょく"), ("料", "りょう")])
    token = read("役に立った。", (0, 1, "やく"))["役に立った"]
    assert (token.reading, parts(token)) == (
        "やくにたった",
        [("役", "やく"), ("に", None), ("立", "た"), ("った", None)],
    )
    token = read("食料を買う。", (0, 1, "くい"))["食料"]
    assert (token.reading, parts(token)) == (None, [("食", "くい"), ("料", None)])


@pytest.mark.parametrize(("reading", "is_joined"), [("にほんご", False), ("ジャパニーズ", True)])
def test_tokens_with_another_common_reading_become_one(reading: str, is_joined: bool) -> None:
    tokens = read("日本語を話す。", (0, 3, reading))
    assert ("日本語" in tokens) == is_joined
    assert ("日本" in tokens) != is_joined
    if is_joined:
        assert tokens["日本語"].reading == "じゃぱにーず"


NAMES = ("なまもの", "せいぶつ", "にほんご", "ひらく", "あく", "じゅうぶん")
IDS = {name: str(UUID(int=number)) for number, name in enumerate(NAMES)}
ENTRIES = {
    f"{SPELLING}生物": [Entry(IDS["せいぶつ"], 0.9, 0, "せいぶつ"), Entry(IDS["なまもの"], 0.8, 0, "なまもの")],
    f"{READING}なまもの": [Entry(IDS["なまもの"], 0.9, 0, "なまもの")],
    f"{READING}せいぶつ": [Entry(IDS["せいぶつ"], 0.9, 0, "せいぶつ")],
    f"{SPELLING}日本語": [Entry(IDS["にほんご"], 0.9, 0, "にほんご")],
    f"{SPELLING}十分": [Entry(IDS["じゅうぶん"], 0.9, 0, "じゅうぶん")],
    f"{SPELLING}開く": [Entry(IDS["あく"], 0.9, 0, "あく"), Entry(IDS["ひらく"], 0.8, 0, "ひらく")],
    f"{READING}ひらく": [Entry(IDS["ひらく"], 0.9, 0, "ひらく")],
    f"{READING}あく": [Entry(IDS["あく"], 0.9, 0, "あく")],
}


@pytest.mark.parametrize(
    ("text", "ruby", "surface", "entry"),
    [
        ("生物を食べた。", (0, 2, "なまもの"), "生物", "なまもの"),
        ("生物を調べた。", (0, 2, "せいぶつ"), "生物", "せいぶつ"),
        ("本を開いた。", (2, 1, "ひら"), "開いた", "ひらく"),
        ("本を開いた。", (2, 1, "あ"), "開いた", "あく"),
        ("日本語を話す。", (0, 2, "にほん"), "日本語", "にほんご"),
        ("日本語を話す。", (0, 2, "やまと"), "日本語", None),
        ("日本語を話す。", (0, 3, "にほんご"), "日本語", "にほんご"),
        ("十分後に着いた。", (0, 2, "じゅっぷん"), "十分", None),
    ],
)
def test_given_reading_decides_the_entry(
    text: str, ruby: tuple[int, int, str], surface: str, entry: str | None
) -> None:
    sentences = apply_ruby(analyze(text), [Ruby(*ruby)])
    known = KnownEntries()
    assert keys_of(sentences, known)
    matcher = EntryMatcher(ENTRIES, known)
    tokens = {token.surface: token for sentence in sentences for token in matcher.match(sentence).tokens}
    if entry is None:
        assert surface not in tokens
    else:
        assert str(tokens[surface].vocabulary_id) == IDS[entry]


@given(st.data(), st.text("私は日本語を食べた。生物大人東京都🙂\n", min_size=1, max_size=60))
def test_surfaces_and_furigana_are_the_text(data: st.DataObject, text: str) -> None:
    bounds = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    ruby = [(start, end - start, "よみ") for start, end in zip(bounds[::2], bounds[1::2], strict=False)]
    for token in tokens_of(text, ruby):
        assert not token.furigana or "".join(segment.text for segment in token.furigana) == token.surface
