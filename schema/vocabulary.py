"""Words, their sentences, and the search for them."""

import strawberry

from db.queries.vocabulary import VocabularyRow
from domain.enums import JlptLevel, SearchField
from resolvers import connections as resolve_pages
from resolvers import vocabulary as resolve_vocabulary
from schema import lazy_types as ref
from schema import list_sizes
from schema.cache_control import WORDS
from schema.connections import PageInfo
from schema.directives import Cost
from schema.nodes import Node, is_row


@strawberry.type(description="A sentence that shows a word in use.")
class ExampleSentence:
    japanese: str = strawberry.field(description="The sentence.")
    english: str = strawberry.field(description="What it means.", directives=[Cost(weight="3")])


@strawberry.type(description="A word of the dictionary.", directives=[WORDS])
class Vocabulary(Node):
    is_type_of = is_row(VocabularyRow)

    word: str = strawberry.field(description="As it is written.")
    reading: str = strawberry.field(description="In kana; the word itself when it is written in kana.")
    romaji: str = strawberry.field(description="The reading in Latin letters.")
    meanings: list[str] = strawberry.field(
        description="In English, most common first.", directives=[list_sizes.MEANINGS]
    )
    jlpt_level: JlptLevel = strawberry.field(description="The level at which it is learnt.")
    examples = strawberry.field(
        resolver=resolve_vocabulary.examples,
        graphql_type=list[ExampleSentence],
        description="Sentences that show it in use.",
        directives=[list_sizes.EXAMPLES],
    )
    kanji = strawberry.field(
        resolver=resolve_vocabulary.kanji,
        graphql_type=list[ref.Kanji],
        description="The kanji it is written with, in the order they stand in it.",
        directives=[list_sizes.KANJI_OF_WORD],
    )
    card = strawberry.field(
        resolver=resolve_vocabulary.card, graphql_type=ref.Card | None, description="The viewer's own card for it."
    )


@strawberry.type(description="A word that was found, and how well it fits.")
class VocabularySearchEdge:
    cursor = strawberry.field(
        resolver=resolve_pages.cursor,
        graphql_type=str,
        description="Opaque place of the item in the list.",
        directives=[Cost(weight="3")],
    )
    node = strawberry.field(resolver=resolve_pages.node, graphql_type=Vocabulary, description="The word.")
    score = strawberry.field(
        resolver=resolve_vocabulary.score, graphql_type=float, description="How well it fits: 0 to 1, best first."
    )
    matched_on = strawberry.field(
        resolver=resolve_vocabulary.matched_on,
        graphql_type=list[SearchField],
        description="What of the word matched.",
        directives=[list_sizes.SEARCH_FIELDS],
    )


@strawberry.type(description="One page of words that were found, best first.")
class VocabularySearchConnection:
    edges = strawberry.field(
        resolver=resolve_pages.edges,
        graphql_type=list[VocabularySearchEdge],
        description="The words with their scores and cursors.",
    )
    nodes = strawberry.field(
        resolver=resolve_pages.nodes, graphql_type=list[Vocabulary], description="The words alone."
    )
    page_info = strawberry.field(
        resolver=resolve_pages.page_info, graphql_type=PageInfo, description="Where this page lies in the list."
    )
    total_count = strawberry.field(
        resolver=resolve_pages.total_count,
        graphql_type=int,
        description="How many words were found. Counted only when asked for.",
    )
