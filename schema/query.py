"""The root type of queries."""

import strawberry

from resolvers import administration as resolve_administration
from resolvers import answers as resolve_answers
from resolvers import attributions as resolve_attributions
from resolvers import books as resolve_books
from resolvers import content_stats as resolve_statistics
from resolvers import cost_limit as resolve_cost_limit
from resolvers import editorial as resolve_editorial
from resolvers import groups as resolve_groups
from resolvers import kanji as resolve_kanji
from resolvers import nodes as resolve_nodes
from resolvers import textbooks as resolve_textbooks
from resolvers import texts as resolve_texts
from resolvers import viewer as resolve_viewer
from resolvers import vocabulary as resolve_vocabulary
from schema import cache_control, list_sizes
from schema.administration import Admin
from schema.answers import CheckedAnswer
from schema.attributions import Attribution
from schema.books import Book
from schema.connections import Connection
from schema.content_stats import JlptContentStats
from schema.cost_limit import CostLimit
from schema.directives import NULL_ON_ERROR, Cost
from schema.editorial import Editorial
from schema.groups import Group
from schema.kanji import Kanji
from schema.nodes import Node
from schema.textbooks import Textbook, TextbookTopic
from schema.texts import TextAnalysis
from schema.viewer import Viewer
from schema.vocabulary import ExampleSentence, Vocabulary, VocabularySearchConnection


@strawberry.type(description="The queries.")
class Query:
    node = strawberry.field(
        resolver=resolve_nodes.node, graphql_type=Node | None, description="Look up an object by its global id."
    )
    nodes = strawberry.field(
        resolver=resolve_nodes.nodes,
        graphql_type=list[Node | None] | None,
        description="Look up objects by their global ids. Results are in the order of the ids.",
        directives=[NULL_ON_ERROR, list_sizes.IDS],
    )
    viewer = strawberry.field(
        resolver=resolve_viewer.viewer,
        graphql_type=Viewer | None,
        description="The authenticated user; null for anonymous requests.",
    )
    books = strawberry.field(
        resolver=resolve_books.books,
        graphql_type=Connection[Book] | None,
        description="Published books.",
        directives=[NULL_ON_ERROR, list_sizes.PAGE, cache_control.BOOKS],
    )
    book = strawberry.field(
        resolver=resolve_books.book,
        graphql_type=Book | None,
        description="Look up a book by its id.",
        directives=[cache_control.BOOKS],
    )
    group = strawberry.field(
        resolver=resolve_groups.group,
        graphql_type=Group | None,
        description="Look up a group of the viewer by its id.",
    )
    textbooks = strawberry.field(
        resolver=resolve_textbooks.textbooks,
        graphql_type=Connection[Textbook] | None,
        description="Public textbooks and the viewer's own, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.PAGE, cache_control.OWN_TEXTBOOKS],
    )
    textbook = strawberry.field(
        resolver=resolve_textbooks.textbook,
        graphql_type=Textbook | None,
        description="Look up a textbook by its id.",
        directives=[cache_control.TEXTBOOKS],
    )
    textbook_topics = strawberry.field(
        resolver=resolve_textbooks.textbook_topics,
        graphql_type=list[TextbookTopic] | None,
        description=(
            "The topics that textbooks of a level can be generated about from the dictionary, in alphabetical order. "
            "A language model, if the server uses one, writes about any topic."
        ),
        directives=[NULL_ON_ERROR, list_sizes.TEXTBOOK_TOPICS, cache_control.WORDS],
    )
    vocabulary = strawberry.field(
        resolver=resolve_vocabulary.vocabulary,
        graphql_type=Connection[Vocabulary] | None,
        description="Words, easiest level first.",
        directives=[NULL_ON_ERROR, list_sizes.PAGE, cache_control.WORDS],
    )
    kanji = strawberry.field(
        resolver=resolve_kanji.kanji,
        graphql_type=Kanji | None,
        description="Look up a kanji by its character.",
        directives=[cache_control.WORDS],
    )
    kanji_list = strawberry.field(
        resolver=resolve_kanji.kanji_list,
        graphql_type=Connection[Kanji] | None,
        description="Kanji, easiest level first.",
        directives=[NULL_ON_ERROR, list_sizes.PAGE, cache_control.WORDS],
    )
    search_kanji = strawberry.field(
        resolver=resolve_kanji.search_kanji,
        graphql_type=Connection[Kanji] | None,
        description=(
            "Searches kanji by the characters themselves, readings in kana or romaji, English meanings, components, "
            "and numbers of strokes such as 12画; most relevant first."
        ),
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE, Cost(weight="200"), cache_control.SEARCHES],
    )
    search_vocabulary = strawberry.field(
        resolver=resolve_vocabulary.search_vocabulary,
        graphql_type=VocabularySearchConnection | None,
        description=(
            "Searches words by kanji, kana, romaji or English, with tolerance for typos; most relevant first."
        ),
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE, Cost(weight="500"), cache_control.SEARCHES],
    )
    example_sentences = strawberry.field(
        resolver=resolve_vocabulary.example_sentences,
        graphql_type=Connection[ExampleSentence] | None,
        description=(
            "Example sentences that contain a word, in any form. Sentences in which the viewer knows all other words "
            "come first, then those with one other unknown word, and so on; shorter ones come first among these. For "
            "anonymous requests, all words are unknown."
        ),
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE, Cost(weight="10")],
    )
    analyze_text = strawberry.field(
        resolver=resolve_texts.analyze_text,
        graphql_type=TextAnalysis | None,
        description=(
            "Splits Japanese text into sentences and words, with their readings, inflections and dictionary entries."
        ),
        directives=[NULL_ON_ERROR, list_sizes.SENTENCES, Cost(weight="70")],
    )
    check_answer = strawberry.field(
        resolver=resolve_answers.checked_answer,
        graphql_type=CheckedAnswer | None,
        description=(
            "Compares a typed answer with what a card of the viewer asks; null if there is no such card. Requires "
            "authentication. It changes nothing: `reviewCards` grades."
        ),
        directives=[Cost(weight="300")],
    )
    jlpt_content_stats = strawberry.field(
        resolver=resolve_statistics.content_stats,
        graphql_type=list[JlptContentStats] | None,
        description="Content statistics by level, N5 first.",
        directives=[NULL_ON_ERROR, cache_control.STATISTICS, list_sizes.LEVELS],
    )
    attributions = strawberry.field(
        resolver=resolve_attributions.attributions,
        graphql_type=list[Attribution] | None,
        description="The sources of the content with their licences.",
        directives=[NULL_ON_ERROR, list_sizes.ATTRIBUTIONS],
    )
    rate_limit = strawberry.field(
        resolver=resolve_cost_limit.rate_limit,
        graphql_type=CostLimit | None,
        description="The client's rate limit by cost; null if the server has none.",
    )
    editorial = strawberry.field(
        resolver=resolve_editorial.editorial,
        graphql_type=Editorial | None,
        description="Null unless the viewer is an editor.",
    )
    admin = strawberry.field(
        resolver=resolve_administration.admin,
        graphql_type=Admin | None,
        description="Null unless the viewer is an administrator.",
    )
