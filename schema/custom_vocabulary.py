"""Words of learners that the dictionary does not have."""

from datetime import datetime

import strawberry

from db.queries.custom_vocabulary import CustomVocabularyRow
from resolvers import custom_vocabulary as resolve_words
from schema import lazy_types as ref
from schema import list_sizes
from schema.directives import Cost
from schema.nodes import Node, is_row


@strawberry.type(description="A word of the viewer that the dictionary does not have, with the viewer's own text.")
class CustomVocabulary(Node):
    is_type_of = is_row(CustomVocabularyRow)

    word: str = strawberry.field(description="The word.")
    reading: str = strawberry.field(description="The reading; empty without one.")
    meaning = strawberry.field(
        resolver=resolve_words.meaning,
        graphql_type=str | None,
        description="The meaning; null without one.",
        directives=[Cost(weight="5")],
    )
    created_at: datetime = strawberry.field(description="Time of creation.")
    cards = strawberry.field(
        resolver=resolve_words.cards,
        graphql_type=list[ref.Card],
        description="The viewer's cards of the word, one of each kind at most.",
        directives=[list_sizes.CARDS],
    )
