"""Kanji."""

import strawberry

from db.queries.vocabulary import KanjiRow
from domain.enums import JlptLevel
from resolvers import kanji as resolve_kanji
from schema import lazy_types as ref
from schema import list_sizes
from schema.cache_control import WORDS
from schema.connections import Connection
from schema.directives import NULL_ON_ERROR
from schema.nodes import Node, is_row


@strawberry.type(description="A kanji.", directives=[WORDS])
class Kanji(Node):
    is_type_of = is_row(KanjiRow)

    character: str = strawberry.field(description="The character.")
    meanings: list[str] = strawberry.field(
        description="English meanings, most common first.", directives=[list_sizes.MEANINGS]
    )
    onyomi: list[str] = strawberry.field(description="On'yomi in katakana.", directives=[list_sizes.ONYOMI])
    kunyomi: list[str] = strawberry.field(
        description="Kun'yomi in hiragana; a dot precedes okurigana.", directives=[list_sizes.KUNYOMI]
    )
    stroke_count: int = strawberry.field(description="Number of strokes.")
    jlpt_level: JlptLevel | None = strawberry.field(description="JLPT level.")
    vocabulary = strawberry.field(
        resolver=resolve_kanji.vocabulary,
        graphql_type=Connection[ref.Vocabulary] | None,
        description="Words written with the kanji, easiest level first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
