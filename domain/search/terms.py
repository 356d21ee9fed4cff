"""The terms by which books and textbooks are found: character bigrams, words and romaji in a tsvector.

PostgreSQL's trigrams cannot find Japanese terms of one or two characters, so Japanese is indexed as bigrams, and single
characters next to them. English and romaji stay whole words.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import product

from domain.search.folding import fold_forms
from domain.search.kana import (
    hiragana,
    is_kana,
    is_rather_english,
    kana_of_romaji,
    phonetic,
    romaji,
    with_large_kana,
)

_RUNS = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]+")
_LATIN = re.compile(r"[\x20-\x7e\u00c0-\u024f\u2018\u2019]+")
_MAX_LEXEME_BYTES = 200
# は that may be the particle, of which every combination is a term.
_MAX_PARTICLES = 3


def lexemes(text: str) -> list[str]:
    """Every lexeme of a string: words of Latin letters and digits, each character and each bigram of the rest."""
    found: list[str] = []
    for run in _RUNS.findall(_fold(text)):
        if run.isascii():
            found.append(run[:_MAX_LEXEME_BYTES])
        else:
            found += run
            found += (run[index : index + 2] for index in range(len(run) - 1))
    return found


def _fold(text: str) -> str:
    """Titles and names are found in old and new spellings: 福澤諭吉, 森鷗外, 坊つちやん."""
    return with_large_kana(fold_forms(text))


def search_vector(*weighted: tuple[str, Iterable[str]]) -> str:
    """A tsvector literal of texts, each with its weight `A` to `D`."""
    weights: dict[str, str] = {}
    for weight, texts in weighted:
        for text in texts:
            for lexeme in lexemes(text):
                weights[lexeme] = min(weight, weights.get(lexeme, weight))
    return " ".join(f"'{lexeme}':1{weight}" for lexeme, weight in weights.items())


def sound_terms(reading: str) -> Iterator[str]:
    """Yield the romaji of a reading as one word, in which は is the particle or not."""
    kana = hiragana(reading).replace(" ", "").replace("\u3000", "")
    if is_kana(kana):
        first, *others = kana.split("は", _MAX_PARTICLES)
        for syllables in product("はわ", repeat=len(others)):
            yield phonetic(romaji(first + "".join(map("".join, zip(syllables, others, strict=True)))))


def search_query(text: str, weight: str = "") -> str | None:
    """A tsquery literal that every text with all of these terms matches; None where there is nothing to look for.

    Words of Latin letters may be romaji: the sound of each, or of all as one word, matches too. `weight`: only in
    texts of this weight.
    """
    words = [terms for word in _fold(text).split() if (terms := _terms_of_word(word, weight))]
    if not words:
        return None
    together = " & ".join(dict.fromkeys(words))
    sound = _sound(text) if len(words) > 1 else None
    return f"({together}) | {_term(sound, weight, prefix=True)}" if sound else together


def _terms_of_word(word: str, weight: str) -> str:
    """Return the terms that a word of a query requires; an empty string if the word has no letters."""
    terms: list[str] = []
    for run in _RUNS.findall(word):
        if run.isascii():
            terms.append(_term(run, weight, prefix=True))
        elif len(run) == 1:
            terms.append(_term(run, weight))
        else:
            terms += (_term(run[index : index + 2], weight) for index in range(len(run) - 1))
    written = " & ".join(dict.fromkeys(terms))
    sound = _sound(word) if terms else None
    heard = _term(sound, weight, prefix=True) if sound else written
    return written if heard == written else f"({written} | {heard})"


def _term(lexeme: str, weight: str, *, prefix: bool = False) -> str:
    flags = f"{weight}{'*' if prefix else ''}"
    return f"'{lexeme[:_MAX_LEXEME_BYTES]}'" + (f":{flags}" if flags else "")


def _sound(text: str) -> str | None:
    """Return romaji in the form of `phonetic`; None for other text."""
    readings = kana_of_romaji(text) if _LATIN.fullmatch(text) and not is_rather_english(text.casefold()) else []
    return phonetic(romaji(readings[0])) if readings else None
