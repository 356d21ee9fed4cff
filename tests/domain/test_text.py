"""Strings with visible characters, and strings of one line."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.text import is_single_line, is_visible_text, without_notes

INVISIBLE = {
    "nothing": "",
    "a space": " ",
    "an ideographic space": "\u3000",
    "a no-break space": "\u00a0",
    "tab and newline": "\t\n",
    "a null byte": "\x00",
    "zero-width space, joiner, non-joiner": "\u200b\u200d\u200c",
    "a byte order mark": "\ufeff",
    "a soft hyphen": "\u00ad",
    "bidirectional marks": "\u200e\u200f\u202a\u202e\u2066\u2069",
    "a combining accent alone": "\u0301",
    "a combining voiced sound mark alone": "\u3099",
    "Hangul fillers": "\u115f\u1160\u3164\uffa0",
    "a blank braille pattern": "\u2800",
    "a Mongolian vowel separator": "\u180e",
    "a Khmer inherent vowel": "\u17b4",
    "variation selectors": "\ufe0f\U000e0100",
    "tags": "\U000e0041",
    "a lone surrogate": "\ud800",
    "noncharacters": "\uffff\ufdd0\U0001ffff",
    "line and paragraph separators": "\u2028\u2029",
    "a word joiner and invisible operators": "\u2060\u2061\u2064",
}
VISIBLE = (
    "a",
    "あ",
    "漢",
    "0",
    "!",
    "・",
    "ー",
    "e\u0301",
    "\u200bが",
    "👩\u200d👩\u200d👧",
    "한",
    "⠁",
    "か\u3099",
    "\u3164x",
    "𠮷",
)


@pytest.mark.parametrize("case", INVISIBLE)
def test_invisible_text(case: str) -> None:
    assert not is_visible_text(INVISIBLE[case])


@pytest.mark.parametrize("text", VISIBLE)
def test_visible_text(text: str) -> None:
    assert is_visible_text(text)


def test_every_letter_and_digit_is_visible_but_fillers() -> None:
    """The fast path for the first character agrees with the slow one."""
    for code in range(0x110000):
        character = chr(code)
        assert is_visible_text(character) == is_visible_text("\u200b" + character), hex(code)


@given(st.text(st.characters(categories=("Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Cs"))))
def test_combined_invisible_characters_are_invisible(text: str) -> None:
    assert not is_visible_text(text)
    assert is_visible_text(text + "字")


@pytest.mark.parametrize("text", ["a\nb", "a\x00", "\x85", "a\u2028b", "\ud800", "\u202etxt", "\u2066a\u2069"])
def test_text_that_breaks_its_line(text: str) -> None:
    assert not is_single_line(text)


def test_marks_of_scripts_and_emoji_are_allowed_in_a_line() -> None:
    for text in ("می\u200cخواهم", "👩\u200d👩\u200d👧", "שלום\u200f", unicodedata.normalize("NFD", "が")):
        assert is_single_line(text)


@pytest.mark.parametrize(
    ("meaning", "expected"),
    [
        ("dog (Canis (lupus) familiaris)", "dog"),
        ("to go out (on an excursion), (e.g. (a) b (c)) to leave", "to go out , to leave"),
        ("ear", "ear"),
        ("a (b", "a (b"),
        ("(a (b)", "(a"),
    ],
)
def test_notes_in_notes(meaning: str, expected: str) -> None:
    assert " ".join(without_notes(meaning).split()) == expected


@given(st.text("a(b) ", max_size=60))
def test_no_pair_of_brackets_remains(meaning: str) -> None:
    left = without_notes(meaning)
    assert "(" not in left or ")" not in left.partition("(")[2]
