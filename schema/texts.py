"""Analysed text: sentences and tokens."""

import strawberry

from analysis import Sentence, TokenPartOfSpeech
from analysis import Token as AnalyzedToken
from domain.enums import JlptLevel
from domain.furigana import Segment
from domain.inflection import Inflection
from resolvers import texts as resolve_texts
from schema import lazy_types as ref
from schema import list_sizes
from schema.directives import Cost
from schema.nodes import is_row


@strawberry.type(description="A part of a word with its reading.")
class Furigana:
    is_type_of = is_row(Segment)

    text: str = strawberry.field(description="Characters of the word.")
    reading: str | None = strawberry.field(description="Their reading in hiragana; null if they are kana or symbols.")


@strawberry.type(description="A word with its endings, or a symbol.")
class Token:
    is_type_of = is_row(AnalyzedToken)

    surface: str = strawberry.field(description="The characters in the text.")
    dictionary_form: str = strawberry.field(
        description="The form without inflections, such as 食べる for 食べられなかった."
    )
    reading: str | None = strawberry.field(
        description="Reading of the surface in hiragana; null for symbols and unknown words.",
    )
    part_of_speech: TokenPartOfSpeech = strawberry.field(description="Part of speech.")
    furigana = strawberry.field(
        resolver=resolve_texts.furigana,
        graphql_type=list[Furigana],
        description="The surface in parts with their readings; kanji that are only read together are one part.",
        directives=[list_sizes.FURIGANA],
    )
    inflection = strawberry.field(
        resolver=resolve_texts.inflection,
        graphql_type=list[Inflection],
        description="Inflections that lead from the dictionary form to the surface, in their order.",
        directives=[list_sizes.INFLECTIONS_OF_TOKEN],
    )
    vocabulary = strawberry.field(
        resolver=resolve_texts.vocabulary,
        graphql_type=ref.Vocabulary | None,
        description="The word in the dictionary; null for particles, symbols and words that it does not have.",
    )
    kanji = strawberry.field(
        resolver=resolve_texts.kanji,
        graphql_type=list[ref.Kanji],
        description="Kanji of the surface, each once.",
        directives=[list_sizes.KANJI_OF_TOKEN],
    )
    level = strawberry.field(
        resolver=resolve_texts.level,
        graphql_type=JlptLevel | None,
        description="JLPT level of the word; null if no list has it.",
    )
    card = strawberry.field(
        resolver=resolve_texts.card, graphql_type=ref.Card | None, description="The viewer's card of the word."
    )


@strawberry.type(description="A sentence of analysed text. Very long sentences are split.")
class TextSentence:
    is_type_of = is_row(Sentence)

    text: str = strawberry.field(description="The sentence.", directives=[Cost(weight="4")])
    tokens: list[Token] = strawberry.field(
        description="Words and symbols. Their surfaces, joined, are the sentence.", directives=[list_sizes.TOKENS]
    )


@strawberry.type(description="Analysed text.")
class TextAnalysis:
    sentences: list[TextSentence] = strawberry.field(description="Sentences, in order.")
    has_more_sentences: bool = strawberry.field(description="Whether the text has more sentences than `first`.")
