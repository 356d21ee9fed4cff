"""Words with their forms and senses, example sentences and search results."""

import strawberry

from db.queries.sentences import SentenceRow
from db.queries.vocabulary import ExampleSentenceRow, SenseRow, VocabularyRow
from domain.dictionary import Dialect, FormKind, FormTag, PartOfSpeech, SubjectField, UsageLabel
from domain.enums import JlptLevel, SearchField
from domain.inflection import Inflection
from resolvers import connections as resolve_pages
from resolvers import corrections as resolve_corrections
from resolvers import vocabulary as resolve_vocabulary
from schema import lazy_types as ref
from schema import list_sizes
from schema.cache_control import WORDS
from schema.connections import PageInfo
from schema.directives import Cost
from schema.nodes import Node, is_row

# Most glosses have a few words; some explain a term in 350 characters.
_LONG_GLOSSES = Cost(weight="4")
_LONG_MEANINGS = Cost(weight="3")


@strawberry.type(description="An example sentence of a word.")
class ExampleSentence:
    is_type_of = is_row(ExampleSentenceRow, SentenceRow)

    vocabulary_id = strawberry.field(
        resolver=resolve_vocabulary.example_word_id,
        graphql_type=strawberry.ID,
        description="Global id of the word that the sentence is an example of.",
    )
    position: int = strawberry.field(description="Position among the examples of that word, from 0.")
    japanese: str = strawberry.field(description="The sentence.")
    english: str = strawberry.field(description="English translation.", directives=[Cost(weight="3")])
    tokens = strawberry.field(
        resolver=resolve_vocabulary.example_tokens,
        graphql_type=list[ref.Token],
        description="Words of the sentence. Their surfaces, joined, are the sentence.",
        directives=[list_sizes.TOKENS_OF_EXAMPLE],
    )


@strawberry.type(description="A spelling or a reading of a word.")
class VocabularyForm:
    text: str = strawberry.field(description="The form.")
    kind: FormKind = strawberry.field(description="Whether it is written with kanji or in kana.")
    is_common: bool = strawberry.field(description="Whether it is in common use.")
    tags: list[FormTag] = strawberry.field(
        description="Irregular, outdated and unusual features.", directives=[list_sizes.FORM_TAGS]
    )


@strawberry.type(description="A meaning of a word.")
class VocabularySense:
    is_type_of = is_row(SenseRow)

    parts_of_speech: list[PartOfSpeech] = strawberry.field(
        description="Parts of speech; empty if they are unknown.", directives=[list_sizes.PARTS_OF_SPEECH]
    )
    fields: list[SubjectField] = strawberry.field(
        description="Fields of knowledge in which the word has this meaning.", directives=[list_sizes.FIELDS]
    )
    misc: list[UsageLabel] = strawberry.field(description="Style and register.", directives=[list_sizes.LABELS])
    dialects: list[Dialect] = strawberry.field(
        description="Dialects; empty for standard Japanese.", directives=[list_sizes.DIALECTS]
    )
    glosses: list[str] = strawberry.field(
        description="English translations.", directives=[list_sizes.GLOSSES, _LONG_GLOSSES]
    )
    note: str | None = strawberry.field(description="Notes on the usage.", directives=[_LONG_GLOSSES])
    forms: list[str] = strawberry.field(
        description="The forms that have this meaning; empty if all have it.", directives=[list_sizes.FORMS_OF_SENSE]
    )


@strawberry.type(description="A word of the dictionary.", directives=[WORDS])
class Vocabulary(Node):
    is_type_of = is_row(VocabularyRow)

    word: str = strawberry.field(description="The word in its usual spelling.")
    reading: str = strawberry.field(description="Reading in kana; equals the word if it is written in kana.")
    romaji: str = strawberry.field(description="Reading in romaji.")
    meanings: list[str] = strawberry.field(
        description="The first English translations, most common first. `senses` has all.",
        directives=[list_sizes.MEANINGS, _LONG_MEANINGS],
    )
    is_common: bool = strawberry.field(description="Whether the word is in a JLPT list, or frequent.")
    jlpt_level: JlptLevel | None = strawberry.field(description="JLPT level; null if no list has the word.")
    forms = strawberry.field(
        resolver=resolve_vocabulary.forms,
        graphql_type=list[VocabularyForm],
        description="Spellings, then readings, most common first.",
        directives=[list_sizes.FORMS],
    )
    senses = strawberry.field(
        resolver=resolve_vocabulary.senses,
        graphql_type=list[VocabularySense],
        description="Meanings, most common first.",
        directives=[list_sizes.SENSES],
    )
    examples = strawberry.field(
        resolver=resolve_vocabulary.examples,
        graphql_type=list[ExampleSentence],
        description="Example sentences.",
        directives=[list_sizes.EXAMPLES],
    )
    kanji = strawberry.field(
        resolver=resolve_vocabulary.kanji,
        graphql_type=list[ref.Kanji],
        description="Kanji of the word, in order.",
        directives=[list_sizes.KANJI_OF_WORD],
    )
    corrections = strawberry.field(
        resolver=resolve_corrections.vocabulary_corrections,
        graphql_type=list[ref.Correction],
        description="Corrections by editors of the word and its sentences: the active ones, then the newest others.",
        directives=[list_sizes.CORRECTIONS],
    )
    card = strawberry.field(
        resolver=resolve_vocabulary.card,
        graphql_type=ref.Card | None,
        description="The viewer's card that asks the meaning.",
    )
    cards = strawberry.field(
        resolver=resolve_vocabulary.cards,
        graphql_type=list[ref.Card],
        description="The viewer's cards of the word, one of each kind, in the order in which they were created.",
        directives=[list_sizes.CARDS],
    )


@strawberry.type(description="A search result with its relevance.")
class VocabularySearchEdge:
    cursor = strawberry.field(
        resolver=resolve_pages.cursor,
        graphql_type=str,
        description="Opaque cursor.",
        directives=[Cost(weight="3")],
    )
    node = strawberry.field(resolver=resolve_pages.node, graphql_type=Vocabulary, description="The word.")
    score = strawberry.field(
        resolver=resolve_vocabulary.score, graphql_type=float, description="Relevance between 0 and 1."
    )
    matched_on = strawberry.field(
        resolver=resolve_vocabulary.matched_on,
        graphql_type=list[SearchField],
        description="The field that matched.",
        directives=[list_sizes.SEARCH_FIELDS],
    )
    deinflection = strawberry.field(
        resolver=resolve_vocabulary.deinflection,
        graphql_type=list[Inflection],
        description="Inflections that lead from the word to the query, in their order; empty for other matches.",
        directives=[list_sizes.INFLECTIONS],
    )


@strawberry.type(description="A page of search results, most relevant first.")
class VocabularySearchConnection:
    edges = strawberry.field(
        resolver=resolve_pages.edges,
        graphql_type=list[VocabularySearchEdge],
        description="The words with their scores and cursors.",
    )
    nodes = strawberry.field(
        resolver=resolve_pages.nodes, graphql_type=list[Vocabulary], description="The words without their scores."
    )
    page_info = strawberry.field(
        resolver=resolve_pages.page_info, graphql_type=PageInfo, description="Pagination information."
    )
    total_count = strawberry.field(
        resolver=resolve_pages.total_count,
        graphql_type=int,
        description="Total number of results; computed only when requested.",
    )
