"""Loaders of words, their forms and senses, sentences and kanji."""

from collections.abc import Sequence
from functools import cached_property

from common.task_set import TaskSet
from db.core.read_session import ReadSession
from db.queries import kanji, search_keys, vocabulary
from db.queries.kanji import StrokeRow
from db.queries.vocabulary import (
    ExampleSentenceRow,
    FormRow,
    KanjiRow,
    KanjiVocabularyRow,
    SenseRow,
    VocabularyRow,
    WordKanjiRow,
)
from domain.ids import KanjiId, VocabularyId
from engine.loading.shared_values import SharedValues
from loaders.base import Loader, LoaderGroup, ManyByKey, OneByKey, PageByKey


class HasWord(Loader[str, bool]):
    """Whether the search finds a word under a key."""

    async def load_keys(self, keys: Sequence[str]) -> list[bool]:
        found = {row.key for row in await self.reads.rows(search_keys.known_search_keys, keys=list(keys))}
        return [key in found for key in keys]


class VocabularyById(Loader[VocabularyId, VocabularyRow | None]):
    """The word, or None. One statement for all that are not known."""

    def __init__(self, reads: ReadSession, running: TaskSet, known: dict[VocabularyId, VocabularyRow]) -> None:
        super().__init__(reads, running)
        self._known = known

    async def load_keys(self, keys: Sequence[VocabularyId]) -> list[VocabularyRow | None]:
        known = self._known
        missing = [key for key in keys if key not in known]
        if missing:
            known.update((row.id, row) for row in await self.reads.rows(vocabulary.vocabulary_by_id, ids=missing))
        return [known.get(key) for key in keys]


class VocabularyLoaders(LoaderGroup):
    """`known`: words by their id, which need no statement."""

    def __init__(self, reads: ReadSession, running: TaskSet, known: SharedValues[VocabularyId, VocabularyRow]) -> None:
        super().__init__(reads, running)
        self.known = known

    @cached_property
    def vocabulary_by_id(self) -> VocabularyById:
        return VocabularyById(self.reads, self._running, self.known)

    @cached_property
    def examples_by_vocabulary_id(self) -> ManyByKey[VocabularyId, ExampleSentenceRow]:
        return self.many(vocabulary.examples_by_vocabulary_id, "vocabulary_id")

    @cached_property
    def forms_by_vocabulary_id(self) -> ManyByKey[VocabularyId, FormRow]:
        return self.many(vocabulary.forms_by_vocabulary_id, "vocabulary_id")

    @cached_property
    def senses_by_vocabulary_id(self) -> ManyByKey[VocabularyId, SenseRow]:
        return self.many(vocabulary.senses_by_vocabulary_id, "vocabulary_id")

    @cached_property
    def kanji_by_vocabulary_id(self) -> ManyByKey[VocabularyId, WordKanjiRow]:
        return self.many(vocabulary.kanji_by_vocabulary_id, "vocabulary_id")

    @cached_property
    def kanji_by_id(self) -> OneByKey[KanjiId, KanjiRow]:
        return self.one(kanji.kanji_by_id)

    @cached_property
    def has_word_by_search_key(self) -> HasWord:
        return HasWord(self.reads, self._running)

    @cached_property
    def strokes_by_kanji_id(self) -> ManyByKey[KanjiId, StrokeRow]:
        return self.many(kanji.strokes_by_kanji_id, "kanji_id")

    @cached_property
    def vocabulary_by_kanji_id(self) -> PageByKey[KanjiId, KanjiVocabularyRow]:
        return self.page(vocabulary.paged_kanji_vocabulary)
