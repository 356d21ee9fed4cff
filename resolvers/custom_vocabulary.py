"""Resolvers of the viewer's own words."""

import strawberry

from db.queries.custom_vocabulary import CustomVocabularyRow
from engine.plan.selected_attributes import reads_attributes
from resolvers.loader_field import load_by_key

cards = load_by_key(lambda loaders: loaders.custom_vocabulary.cards_by_custom_vocabulary_id)


@reads_attributes("meaning")
def meaning(parent: strawberry.Parent[CustomVocabularyRow]) -> str | None:
    return parent.meaning or None
