"""Queries with wildcards as LIKE patterns, each of which an index can answer.

The index has the keys in their order, and spellings, readings, romaji and glosses in the order of their ends. For
patterns without beginning and end there are the ends of words from each kanji on, and the trigrams of common words.
"""

import re
from collections.abc import Iterator
from itertools import zip_longest

from common.text import truncate
from domain.enums import SearchField
from domain.errors import BadUserInput
from domain.search.english import words
from domain.search.folding import fold_japanese, has_kanji
from domain.search.index_keys import (
    GLOSS,
    READING,
    ROMAJI,
    SIMILAR_GLOSS,
    SIMILAR_SOUND,
    SPELLING,
    WITHIN,
)
from domain.search.kana import is_kana, phonetic, romaji
from domain.search.partial_romaji import romaji_of_parts

WILDCARD = re.compile(r"[*?]+")
_MIN_TRIGRAM = 3


def patterns_of(text: str, *, is_japanese: bool) -> Iterator[tuple[str, SearchField]]:
    """Yield the patterns of a query with the field that they match. The first character is the kind of a key.

    Raises BadUserInput for a query that has neither two letters or a kanji at its start or end, nor a kanji after a
    wildcard at its start, nor three letters in a row: a large part of the keys would be read. Of all of JMdict, 74,000
    keys start with s, and 32,000 with し.
    """
    wildcards = ["%" if "*" in wildcard else "_" * len(wildcard) for wildcard in WILDCARD.findall(text)]
    parts = WILDCARD.split(text)
    literals = [fold_japanese(part) if is_japanese else _latin(part) for part in parts]
    if is_selective(literals[0]) or is_selective(literals[-1]):
        pattern = _joined(literals, wildcards)
        if is_japanese:
            yield SPELLING + pattern, SearchField.WORD
            yield READING + pattern, SearchField.READING
        else:
            for letters in romaji_of_parts(parts):
                # Without digits, less may remain.
                if is_selective(letters[0]) or is_selective(letters[-1]):
                    yield ROMAJI + _joined(letters, wildcards), SearchField.ROMAJI
            yield GLOSS + pattern, SearchField.MEANING
    elif not literals[0] and has_kanji(literals[1][:1]):
        pattern = _joined(literals[1:], wildcards[1:])
        yield WITHIN + pattern, SearchField.WORD
        if wildcards[0] == "%":
            yield SPELLING + pattern, SearchField.WORD
    else:
        sounds = literals if is_japanese else romaji_of_parts(parts)[0]
        found = list(_parts_of_common_words(literals, sounds, is_japanese=is_japanese))
        if not found:
            raise BadUserInput(
                f"query: {truncate(text)!r} has a wildcard: it requires two letters or a kanji at its start or end, a"
                " kanji after a wildcard at its start, or three letters in a row."
            )
        yield from found


def is_selective(literal: str) -> bool:
    """Whether few enough keys start or end with a string that all of them can be read."""
    return len(literal) > 1 or has_kanji(literal)


def _parts_of_common_words(
    literals: list[str], letters: list[str], *, is_japanese: bool
) -> Iterator[tuple[str, SearchField]]:
    if is_japanese and literals[0]:
        # The sounds of kana do not start with that of the first one: しょ is sho.
        return
    start = "" if literals[0] else "%"
    inner = [literal for literal in literals if literal]
    if not is_japanese and any(len(run) >= _MIN_TRIGRAM for literal in inner for run in literal.split()):
        yield f"{SIMILAR_GLOSS}{start}{'%'.join(inner)}%", SearchField.MEANING
    if not is_japanese or all(is_kana(literal) for literal in inner):
        sounds = [phonetic(romaji(part) if is_japanese else part) for part in letters if part]
        if any(len(sound) >= _MIN_TRIGRAM for sound in sounds):
            yield (
                f"{SIMILAR_SOUND}{start}{'%'.join(sounds)}%",
                SearchField.READING if is_japanese else SearchField.ROMAJI,
            )


def _latin(part: str) -> str:
    # Brackets are notes in glosses, but not in queries.
    return " ".join(words(part.replace("(", " ")))


def _joined(literals: list[str], wildcards: list[str]) -> str:
    return "".join(part for pair in zip_longest(literals, wildcards, fillvalue="") for part in pair)
