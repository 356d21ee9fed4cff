"""Words with their sentences and kanji, and kanji with their words."""

from functools import cached_property

from db.queries import kanji, vocabulary
from db.queries.vocabulary import ExampleSentenceRow, KanjiRow, KanjiVocabularyRow, VocabularyRow, WordKanjiRow
from loaders.base import LoaderGroup, ManyByKey, OneByKey, PageByKey


class VocabularyLoaders(LoaderGroup):
    @cached_property
    def vocabulary_by_id(self) -> OneByKey[VocabularyRow]:
        return self.one(vocabulary.vocabulary_by_id)

    @cached_property
    def examples_by_vocabulary_id(self) -> ManyByKey[ExampleSentenceRow]:
        return self.many(vocabulary.examples_by_vocabulary_id, "vocabulary_id")

    @cached_property
    def kanji_by_vocabulary_id(self) -> ManyByKey[WordKanjiRow]:
        return self.many(vocabulary.kanji_by_vocabulary_id, "vocabulary_id")

    @cached_property
    def kanji_by_id(self) -> OneByKey[KanjiRow]:
        return self.one(kanji.kanji_by_id)

    @cached_property
    def vocabulary_by_kanji_id(self) -> PageByKey[KanjiVocabularyRow]:
        return self.page(vocabulary.paged_kanji_vocabulary)
