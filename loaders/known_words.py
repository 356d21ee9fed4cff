"""What a process knows of words: their entries, rows, furigana and kanji, until the dictionary changes."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from analysis import Sentence
from analysis.known_entries import KnownEntries
from common.lru_cache import LRUCache
from db.core.cache_tags import CACHE
from db.core.changes import Change
from db.queries.vocabulary import KanjiRow, VocabularyRow
from domain.annotated_text import Ruby
from domain.furigana import Segment
from domain.ids import VocabularyId
from engine.loading.shared_values import SharedValues

# A string with the readings that it gives.
AnnotatedText: TypeAlias = tuple[str, tuple[Ruby, ...]]

MAX_TOKENS, MAX_COMPOUNDS, MAX_WORDS, MAX_KANJI = 1 << 14, 1 << 15, 1 << 14, 1 << 12
MAX_TEXT_BYTES = 8 << 20
# Memory of a character, a sentence and a token; measured by tests/loaders/test_known_words.py.
_CHARACTER_BYTES, _SENTENCE_BYTES, _TOKEN_BYTES = 6, 300, 300
# A change of their rows may change any of these.
_TABLES = frozenset(("vocabulary", "vocabulary_forms", "vocabulary_senses", "kanji", CACHE))


class Lookups:
    """What was read and computed from one state of the dictionary.

    `readings`: of kanji, as `reading_forms` returns them. `texts`: analysed ones, the least recently used are forgotten
    first.
    """

    __slots__ = ("entries", "furigana", "kanji", "kanji_of_words", "readings", "texts", "words")

    def __init__(self) -> None:
        self.entries = KnownEntries()
        self.words: SharedValues[VocabularyId, VocabularyRow] = SharedValues()
        self.kanji: dict[str, KanjiRow | None] = {}
        self.kanji_of_words: dict[str, list[KanjiRow]] = {}
        self.readings: dict[str, frozenset[str]] = {}
        self.furigana: dict[tuple[str, str | None, tuple[Segment, ...]], tuple[Segment, ...]] = {}
        self.texts: LRUCache[AnnotatedText, Sequence[Sentence]] = LRUCache(MAX_TEXT_BYTES, _size_of)

    @property
    def is_full(self) -> bool:
        return (
            len(self.entries.tokens) > MAX_TOKENS
            or len(self.entries.compounds) > MAX_COMPOUNDS
            or len(self.kanji) > MAX_KANJI
            or len(self.kanji_of_words) > MAX_TOKENS
            or len(self.readings) > MAX_KANJI
            or len(self.furigana) > MAX_TOKENS
        )


def _size_of(text: AnnotatedText, sentences: Sequence[Sentence]) -> int:
    return (
        _CHARACTER_BYTES * len(text[0])
        + _SENTENCE_BYTES * len(sentences)
        + _TOKEN_BYTES * sum(len(sentence.tokens) for sentence in sentences)
    )


class KnownWords:
    """The lookups of a process: a `db.notify.listener.ChangeListener`.

    A change replaces them. A request that has started with the old ones finishes with these, and adds to them what it
    reads: what was read before a change is never used after it. `is_current`: whether no change can have been missed.
    """

    def __init__(self, is_current: Callable[[], bool]) -> None:
        self._is_current = is_current
        self._lookups = Lookups()

    def current(self) -> Lookups:
        """Return the lookups; new ones for this request alone if a change may have been missed."""
        if not self._is_current():
            return Lookups()
        if self._lookups.is_full:
            self._lookups = Lookups()
        elif len(self._lookups.words) > MAX_WORDS:
            # Reads of many words do not cost the analysis of texts.
            self._lookups.words = SharedValues()
        return self._lookups

    def on_change(self, change: Change) -> None:
        if change.table in _TABLES:
            self._lookups = Lookups()

    def on_disconnect(self) -> None:
        self._lookups = Lookups()

    def on_connect(self) -> None:
        self._lookups = Lookups()

    async def drain(self) -> None:
        """Changes take effect immediately."""
