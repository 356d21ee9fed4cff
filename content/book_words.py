"""Which words a learner needs for a book."""

import hashlib
from collections.abc import Iterator

from content.catalogue import CatalogueBook
from content.openjlpt import KANJI
from content.words import Dictionary
from domain.enums import JlptLevel
from domain.textbooks import Word
from domain.textbooks.matching import MeaningIndex

_AT_LEAST, _AT_MOST = 20, 60
# Of a theme such as "friend" the dictionary has a dozen; the first fit best.
_OF_A_THEME = 5

# Shorter words in kana are found by accident, as いつ in こいつ.
_SHORTEST_IN_KANA = 3


class BookWords:
    """Chooses among the words of a book's level and of easier ones."""

    def __init__(self, dictionary: Dictionary) -> None:
        # Of words that are written alike, the easiest.
        self._by_spelling = {word.word: word for word in reversed(dictionary.words)}
        self._longest = max(map(len, self._by_spelling))
        self._of_level = {level: dictionary.of_level(level) for level in JlptLevel}
        self._up_to_level = {level: MeaningIndex(dictionary.up_to_level(level)) for level in JlptLevel}

    def of(self, book: CatalogueBook) -> list[Word]:
        """Words of the title and the opening, those whose meanings are the book's themes, and others to fill up."""
        in_text = [word for word in self._in(f"{book.title} {book.opening or ''}") if word.level >= book.jlpt_level]
        index = self._up_to_level[book.jlpt_level]
        on_theme = [word for theme in book.themes for _, word in index.find(theme)[:_OF_A_THEME]]
        chosen = list(dict.fromkeys([*in_text, *on_theme]))
        if len(chosen) < _AT_LEAST:
            chosen = list(dict.fromkeys([*chosen, *self._others(book)]))[:_AT_LEAST]
        return chosen[:_AT_MOST]

    def _in(self, text: str) -> Iterator[Word]:
        """The longest word at each place: 面白い does not hold 白い."""
        start = 0
        while start < len(text):
            spellings = (text[start:end] for end in range(start + self._longest, start, -1))
            word = next((self._by_spelling[spelling] for spelling in spellings if spelling in self._by_spelling), None)
            if word is not None and _stands_alone(word.word, text, start):
                yield word
            start += len(word.word) if word is not None else 1

    def _others(self, book: CatalogueBook) -> list[Word]:
        """Enough words of the book's level, in an order of the book's own."""
        words = self._of_level[book.jlpt_level]
        return sorted(words, key=lambda word: _digest(book.title, word.word, word.reading))[: 2 * _AT_LEAST]


def _stands_alone(spelling: str, text: str, start: int) -> bool:
    """Whether it is a word there, as far as one can say without grammar."""
    if not KANJI.search(spelling):
        return len(spelling) >= _SHORTEST_IN_KANA
    # A single kanji between others is a part of a word that the dictionary does not have.
    around = text[max(start - 1, 0) : start] + text[start + len(spelling) :][:1]
    return len(spelling) > 1 or not KANJI.search(around)


def _digest(*parts: str) -> bytes:
    return hashlib.sha256(" ".join(parts).encode()).digest()
