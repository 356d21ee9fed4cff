"""Loaders of the viewer's own words."""

from functools import cached_property

from db.queries import custom_vocabulary
from db.queries.cards import CardRow
from db.queries.custom_vocabulary import CustomVocabularyRow
from domain.ids import CustomVocabularyId
from loaders.base import LoaderGroup, ManyOwnByKey, OwnByKey


class CustomVocabularyLoaders(LoaderGroup):
    @cached_property
    def custom_vocabulary_by_id(self) -> OwnByKey[CustomVocabularyId, CustomVocabularyRow]:
        return self.own(custom_vocabulary.custom_vocabulary_by_id)

    @cached_property
    def cards_by_custom_vocabulary_id(self) -> ManyOwnByKey[CustomVocabularyId, CardRow]:
        return self.many_own(custom_vocabulary.cards_by_custom_vocabulary_id, "custom_vocabulary_id")
