"""Compares readings as learners type them, in kana or romaji."""

import re

from domain.search.folding import fold
from domain.search.kana import romaji

_LATIN = re.compile(r"[\x20-\x7e\u00c0-\u024f\u2018\u2019]+")
_MACRON = re.compile(r"[āīūēōâîûêô]")


def is_latin(text: str) -> bool:
    """Return whether the text may be romaji, of any width and with any accents."""
    return _LATIN.fullmatch(fold(text)) is not None


def has_macron(text: str) -> bool:
    """Return whether a vowel is long without saying which kana lengthens it."""
    return _MACRON.search(fold(text)) is not None


def is_same_kana(one: str, other: str) -> bool:
    """Return whether two readings, in folded kana, are pronounced alike: a lengthening mark is equal to its vowel."""
    return one == other or ("ー" in one + other and romaji(one) == romaji(other))
