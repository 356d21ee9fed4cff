"""Kanji."""

import strawberry

from db.queries.vocabulary import KanjiRow
from domain.enums import JlptLevel
from resolvers import corrections as resolve_corrections
from resolvers import kanji as resolve_kanji
from schema import lazy_types as ref
from schema import list_sizes
from schema.cache_control import WORDS
from schema.connections import Connection
from schema.directives import NULL_ON_ERROR, Cost
from schema.nodes import Node, is_row


@strawberry.type(description="A stroke of a kanji.")
class KanjiStroke:
    path: str = strawberry.field(
        description="The `d` attribute of an SVG path in a square of 109 units.", directives=[Cost(weight="5")]
    )


@strawberry.type(description="A kanji.", directives=[WORDS])
class Kanji(Node):
    is_type_of = is_row(KanjiRow)

    character: str = strawberry.field(description="The character.")
    meanings: list[str] = strawberry.field(
        description="English meanings, most common first.", directives=[list_sizes.MEANINGS, Cost(weight="2")]
    )
    onyomi: list[str] = strawberry.field(description="On'yomi in katakana.", directives=[list_sizes.ONYOMI])
    kunyomi: list[str] = strawberry.field(
        description="Kun'yomi in hiragana; a dot precedes okurigana.", directives=[list_sizes.KUNYOMI]
    )
    nanori: list[str] = strawberry.field(description="Readings in names, in hiragana.", directives=[list_sizes.NANORI])
    stroke_count: int = strawberry.field(description="Number of strokes.")
    grade: int | None = strawberry.field(
        description="The school year in which it is taught: 1 to 6, 8 for the other jōyō kanji, 9 and 10 for names."
    )
    frequency: int | None = strawberry.field(
        description="Rank among the 2,501 most used kanji in newspapers; null for others."
    )
    jlpt_level: JlptLevel | None = strawberry.field(description="JLPT level.")
    radical: str | None = strawberry.field(description="The classical radical, one of 214.")
    components: list[str] = strawberry.field(
        description="Kanji and radicals that it contains, the largest first; empty if they are unknown.",
        directives=[list_sizes.COMPONENTS],
    )
    variants: list[str] = strawberry.field(
        description="Other forms, such as older ones.", directives=[list_sizes.VARIANTS]
    )
    strokes = strawberry.field(
        resolver=resolve_kanji.strokes,
        graphql_type=list[KanjiStroke],
        description="Strokes in the order in which they are written; empty if they are unknown.",
        directives=[list_sizes.STROKES],
    )
    vocabulary = strawberry.field(
        resolver=resolve_kanji.vocabulary,
        graphql_type=Connection[ref.Vocabulary] | None,
        description="Words written with the kanji, easiest level first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    corrections = strawberry.field(
        resolver=resolve_corrections.kanji_corrections,
        graphql_type=list[ref.Correction],
        description="Corrections by editors: the active one, then the newest others.",
        directives=[list_sizes.CORRECTIONS],
    )
    card = strawberry.field(
        resolver=resolve_kanji.card,
        graphql_type=ref.Card | None,
        description="The viewer's card that asks the meaning.",
    )
    cards = strawberry.field(
        resolver=resolve_kanji.cards,
        graphql_type=list[ref.Card],
        description="The viewer's cards of the kanji, one of each kind, in the order in which they were created.",
        directives=[list_sizes.CARDS],
    )
