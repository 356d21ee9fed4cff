"""Romaji of which a query has parts only, such as `gakk` of `gakk*`, in the letters of the index, which are Hepburn."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from domain.search.kana import latin_letters

# Kunrei-shiki, Nihon-shiki, input methods and traditional Hepburn, replaced in this order.
_HEPBURN = tuple(
    (re.compile(typed), hepburn)
    for typed, hepburn in (
        ("m(?=[bpm])", "n"),
        ("l", "r"),
        ("cch|tty(?=[aueo])", "tch"),
        ("tti", "tchi"),
        ("ti", "chi"),
        ("[tc]y(?=[aueo])", "ch"),
        ("tu", "tsu"),
        ("si", "shi"),
        ("sy(?=[aueo])", "sh"),
        ("zz(?=i|y[aueo])", "jj"),
        ("zi|di", "ji"),
        ("[zjd]y(?=[aueo])", "j"),
        ("dzu|du", "zu"),
        ("(?<![sc])hu", "fu"),
        ("(?<![kg])wo", "o"),
    )
)
_LONG_O = re.compile("[ōô]")


def romaji_of_parts(parts: Sequence[str]) -> list[list[str]]:
    """Return the letters that the parts of a word can stand for, most probable first.

    A long o is ou or, more often at the start of a word, oo. Spaces, apostrophes and hyphens are not in the index.
    """
    found: dict[tuple[str, ...], None] = {}
    for spelled in _with_long_o(parts):
        typed = [latin_letters(part) for part in spelled]
        found[tuple(map(_hepburn, typed))] = None
        found[tuple(typed)] = None
    return [list(letters) for letters in found]


def _with_long_o(parts: Sequence[str]) -> Iterator[list[str]]:
    plain = [unicodedata.normalize("NFC", unicodedata.normalize("NFKC", part).casefold()) for part in parts]
    yield [_LONG_O.sub("ou", part) for part in plain]
    if any(_LONG_O.search(part) for part in plain):
        first = [_LONG_O.sub("oo", plain[0], count=1), *plain[1:]]
        yield [_LONG_O.sub("ou", part) for part in first]
        yield [_LONG_O.sub("oo", part) for part in plain]


def _hepburn(letters: str) -> str:
    for typed, hepburn in _HEPBURN:
        letters = typed.sub(hepburn, letters)
    return letters
