"""Selects the vocabulary of a book without text."""

import hashlib
from collections.abc import Iterator

from content.catalogue import CatalogueBook
from content.words import Dictionary
from domain.enums import JlptLevel
from domain.kanji_characters import KANJI
from domain.textbooks import Word
from domain.textbooks.matching import MeaningIndex

_MIN_WORDS, _MAX_WORDS = 20, 60
# The dictionary has a dozen words for a theme such as "friend", ranked by match.
_WORDS_PER_THEME = 5

# Shorter kana words match accidentally, as いつ in こいつ.
_MIN_KANA_LENGTH = 3


class BookWords:
    """Selects from the words of a book's level and of easier ones."""

    def __init__(self, dictionary: Dictionary) -> None:
        # The easiest of words with the same spelling.
        self._by_spelling = {word.word: word for word in reversed(dictionary.words)}
        self._max_length = max(map(len, self._by_spelling))
        self._of_level = {level: dictionary.of_level(level) for level in JlptLevel}
        self._up_to_level = {level: MeaningIndex(dictionary.up_to_level(level)) for level in JlptLevel}

    def select(self, book: CatalogueBook) -> list[Word]:
        """Return words of the title and the opening, words for the themes, and others up to the minimum."""
        in_text = [
            word for word in self._find_in(f"{book.title} {book.opening or ''}") if word.level >= book.jlpt_level
        ]
        index = self._up_to_level[book.jlpt_level]
        on_theme = [word for theme in book.themes for _, word in index.find(theme)[:_WORDS_PER_THEME]]
        chosen = list(dict.fromkeys([*in_text, *on_theme]))
        if len(chosen) < _MIN_WORDS:
            chosen = list(dict.fromkeys([*chosen, *self._others(book)]))[:_MIN_WORDS]
        return chosen[:_MAX_WORDS]

    def _find_in(self, text: str) -> Iterator[Word]:
        """Yield the longest word at each position: 面白い does not contain 白い."""
        start = 0
        while start < len(text):
            spellings = (text[start:end] for end in range(start + self._max_length, start, -1))
            word = next((self._by_spelling[spelling] for spelling in spellings if spelling in self._by_spelling), None)
            if word is not None and _is_word(word.word, text, start):
                yield word
            start += len(word.word) if word is not None else 1

    def _others(self, book: CatalogueBook) -> list[Word]:
        """Return words of the book's level in an order that depends on the book."""
        words = self._of_level[book.jlpt_level]
        return sorted(words, key=lambda word: _digest(book.title, word.word, word.reading))[: 2 * _MIN_WORDS]


def _is_word(spelling: str, text: str, start: int) -> bool:
    """Whether the match is likely a word, without morphological analysis."""
    if not KANJI.search(spelling):
        return len(spelling) >= _MIN_KANA_LENGTH
    # A single kanji next to others is part of a word that the dictionary does not have.
    around = text[max(start - 1, 0) : start] + text[start + len(spelling) :][:1]
    return len(spelling) > 1 or not KANJI.search(around)


def _digest(*parts: str) -> bytes:
    return hashlib.sha256(" ".join(parts).encode()).digest()
