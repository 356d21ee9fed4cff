"""The terms by which books and textbooks are found: character bigrams, words and romaji in a tsvector.

PostgreSQL's trigrams cannot find Japanese terms of one or two characters, so Japanese is indexed as bigrams, and single
characters next to them. English and romaji stay whole words.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import product

from domain.search.folding import fold
from domain.search.kana import hiragana, is_kana, kana_of_romaji, phonetic, romaji

_RUNS = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]+")
_LATIN = re.compile(r"[\x20-\x7e\u00c0-\u024f\u2018\u2019]+")
_MAX_LEXEME_BYTES = 200
# は that may be the particle, of which every combination is a term.
_MAX_PARTICLES = 3


def lexemes(text: str) -> list[str]:
    """Every lexeme of a string: words of Latin letters and digits, each character and each bigram of the rest."""
    found: list[str] = []
    for run in _RUNS.findall(fold(text)):
        if run.isascii():
            found.append(run[:_MAX_LEXEME_BYTES])
        else:
            found += run
            found += (run[index : index + 2] for index in range(len(run) - 1))
    return found


def search_vector(*weighted: tuple[str, Iterable[str]]) -> str:
    """A tsvector literal of texts, each with its weight `A` to `D`."""
    weights: dict[str, str] = {}
    for weight, texts in weighted:
        for text in texts:
            for lexeme in lexemes(text):
                weights[lexeme] = min(weight, weights.get(lexeme, weight))
    return " ".join(f"'{lexeme}':1{weight}" for lexeme, weight in weights.items())


def book_search_terms(title: str, title_reading: str | None, author: str, author_reading: str | None = None) -> str:
    """What a book is found by: its title with weight A, its author with weight B; kana and romaji of both."""
    return search_vector(
        ("A", [*filter(None, (title, title_reading)), *_romaji_of(title, title_reading)]),
        ("B", [*filter(None, (author, author_reading)), *_romaji_of(author, author_reading)]),
    )


def _romaji_of(text: str, reading: str | None) -> Iterator[str]:
    """Yield the romaji of a reading as one word, in which は is the particle or not."""
    kana = hiragana(reading or text).replace(" ", "").replace("\u3000", "")
    if is_kana(kana):
        first, *others = kana.split("は", _MAX_PARTICLES)
        for syllables in product("はわ", repeat=len(others)):
            yield phonetic(romaji(first + "".join(map("".join, zip(syllables, others, strict=True)))))


def textbook_search_terms(title: str, topics: Iterable[str]) -> str:
    """What a textbook is found by: its title with weight A, its topics with weight B."""
    return search_vector(("A", [title]), ("B", topics))


def search_query(text: str, weight: str = "") -> str | None:
    """A tsquery literal that every text with all of these terms matches; None where there is nothing to look for.

    Latin letters may be romaji: the terms together, as one word, match too. `weight`: only in texts of this weight.
    """
    terms: list[str] = []
    for run in _RUNS.findall(fold(text)):
        if run.isascii():
            terms.append(f"'{run[:_MAX_LEXEME_BYTES]}':{weight or ''}*")
        elif len(run) == 1:
            terms.append(f"'{run}':{weight}" if weight else f"'{run}'")
        else:
            bigrams = (run[index : index + 2] for index in range(len(run) - 1))
            terms += (f"'{bigram}':{weight}" if weight else f"'{bigram}'" for bigram in bigrams)
    if not terms:
        return None
    together = " & ".join(dict.fromkeys(terms))
    readings = kana_of_romaji(text) if _LATIN.fullmatch(text) else []
    sound = phonetic(romaji(readings[0])) if readings else ""
    return f"({together}) | '{sound[:_MAX_LEXEME_BYTES]}':{weight}*" if sound else together
