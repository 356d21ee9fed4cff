"""Loaders of corrections of the dictionary."""

from functools import cached_property

from db.queries import corrections
from db.queries.corrections import CorrectionRow, ObjectCorrectionRow
from domain.ids import CorrectionId, KanjiId, VocabularyId
from loaders.base import LoaderGroup, ManyByKey, OneByKey


class CorrectionLoaders(LoaderGroup):
    @cached_property
    def correction_by_id(self) -> OneByKey[CorrectionId, CorrectionRow]:
        return self.one(corrections.corrections_by_id)

    @cached_property
    def corrections_by_vocabulary_id(self) -> ManyByKey[VocabularyId, ObjectCorrectionRow]:
        return self.many(corrections.corrections_by_vocabulary_id, "parent_id")

    @cached_property
    def corrections_by_kanji_id(self) -> ManyByKey[KanjiId, ObjectCorrectionRow]:
        return self.many(corrections.corrections_by_kanji_id, "parent_id")
