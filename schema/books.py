"""Books, their pages, and reading progress."""

from datetime import datetime

import strawberry

from db.queries.book_pages import BookPageRow
from db.queries.books import BookRow
from db.queries.coverage import WordToLearnRow
from db.queries.reading import BookProgressRow, JoinedProgress
from domain import annotated_text, coverage
from domain.enums import JlptLevel, ReadingStatus
from resolvers import books as resolve_books
from resolvers import connections as resolve_pages
from resolvers import exercises as resolve_exercises
from resolvers import revisions as resolve_revisions
from schema import lazy_types as ref
from schema import list_sizes
from schema.cache_control import BOOKS, COVERAGE
from schema.connections import Connection, PageInfo
from schema.directives import NULL_ON_ERROR, Cost
from schema.nodes import Node, is_row
from schema.revisions import Revision


@strawberry.type(description="The reading that a text gives for some of its characters, as printed above them.")
class Ruby:
    is_type_of = is_row(annotated_text.Ruby)

    start: int = strawberry.field(
        description="Position of the first character in `text`, from 0, in Unicode code points."
    )
    length: int = strawberry.field(description="Number of characters, in Unicode code points.")
    reading: str = strawberry.field(description="The reading, in kana.")


@strawberry.type(description="A page of the text of a book.")
class BookPage:
    is_type_of = is_row(BookPageRow)

    number: int = strawberry.field(description="Number of the page, from 1.")
    text: str = strawberry.field(
        description=(
            "The text, at most 600 characters, with line breaks. The texts of all pages concatenate to the book's."
        ),
        directives=[Cost(weight="6")],
    )
    ruby = strawberry.field(
        resolver=resolve_books.page_ruby,
        graphql_type=list[Ruby],
        description="The readings that the author gives, in the order of the text; empty for most texts.",
        directives=[list_sizes.RUBY],
    )
    source = strawberry.field(
        resolver=resolve_books.page_source,
        graphql_type=str,
        description="The text with the marks of its readings, as `updateBookPage` takes it in the format AOZORA.",
        directives=[Cost(weight="6")],
    )
    tokens = strawberry.field(
        resolver=resolve_books.page_tokens,
        graphql_type=list[ref.Token],
        description=(
            "Words and symbols of the page, with the readings that the author gives. Their surfaces, joined, are "
            "`text`."
        ),
        directives=[list_sizes.TOKENS_OF_PAGE],
    )


@strawberry.type(description="Words by what the viewer knows. The three numbers, and the three shares, add up.")
class CoverageCounts:
    is_type_of = is_row(coverage.CoverageCounts)

    total: int = strawberry.field(description="Number of all.")
    known: int = strawberry.field(description="Number of those whose card has an interval of 21 days or more.")
    learning: int = strawberry.field(description="Number of those whose card was reviewed, with a shorter interval.")
    unknown: int = strawberry.field(
        description="Number of those without a card, with a new card, or that the dictionary does not have."
    )
    known_share: float = strawberry.field(description="Share of known ones, between 0 and 1.")
    learning_share: float = strawberry.field(description="Share of those that are being learned, between 0 and 1.")
    unknown_share: float = strawberry.field(description="Share of unknown ones, between 0 and 1.")


@strawberry.type(
    description=(
        "How much of a text the viewer knows. Not counted are particles, auxiliaries, symbols, and numbers and names "
        "that the dictionary does not have."
    )
)
class BookCoverage:
    is_type_of = is_row(coverage.BookCoverage)

    tokens: CoverageCounts = strawberry.field(description="All occurrences of words.")
    words: CoverageCounts = strawberry.field(description="The words, each counted once.")


@strawberry.type(description="A word of a text that the viewer has no card of.")
class WordToLearn:
    is_type_of = is_row(WordToLearnRow)

    vocabulary = strawberry.field(
        resolver=resolve_books.word_to_learn, graphql_type=ref.Vocabulary, description="The word."
    )
    occurrences: int = strawberry.field(description="Number of its occurrences in the text.")
    coverage: float = strawberry.field(
        description=(
            "The share of the text's words, between 0 and 1, that the viewer knows after learning all words with a "
            "card, this one and those before it."
        )
    )


@strawberry.type(description="A word of a book.")
class BookVocabularyEdge:
    cursor = strawberry.field(
        resolver=resolve_pages.cursor, graphql_type=str, description="Opaque cursor.", directives=[Cost(weight="3")]
    )
    node = strawberry.field(resolver=resolve_pages.node, graphql_type=ref.Vocabulary, description="The word.")
    occurrences = strawberry.field(
        resolver=resolve_books.occurrences,
        graphql_type=int | None,
        description="Number of its occurrences in the text; null for a book without text.",
    )
    first_page = strawberry.field(
        resolver=resolve_books.first_page,
        graphql_type=int | None,
        description="Number of the page with its first occurrence; null for a book without text.",
    )


@strawberry.type(description="A page of the words of a book.")
class BookVocabularyConnection:
    edges = strawberry.field(
        resolver=resolve_pages.edges,
        graphql_type=list[BookVocabularyEdge],
        description="The words with their occurrences and cursors.",
    )
    nodes = strawberry.field(
        resolver=resolve_pages.nodes,
        graphql_type=list[ref.Vocabulary],
        description="The words without their occurrences.",
    )
    page_info = strawberry.field(
        resolver=resolve_pages.page_info, graphql_type=PageInfo, description="Pagination information."
    )
    total_count = strawberry.field(
        resolver=resolve_pages.total_count,
        graphql_type=int,
        description="Total number of words; computed only when requested.",
    )


@strawberry.type(description="A graded book.", directives=[BOOKS])
class Book(Node):
    is_type_of = is_row(BookRow)

    title: str = strawberry.field(description="The title in Japanese.", directives=[Cost(weight="5")])
    title_reading: str | None = strawberry.field(description="The title in hiragana.", directives=[Cost(weight="5")])
    author: str = strawberry.field(description="Author.", directives=[Cost(weight="2")])
    description = strawberry.field(
        resolver=resolve_books.description,
        graphql_type=str,
        description="Description in English.",
        directives=[Cost(weight="100")],
    )
    jlpt_level: JlptLevel = strawberry.field(description="JLPT level of the text.")
    cover_url = strawberry.field(
        resolver=resolve_books.cover_url,
        graphql_type=str | None,
        description="URL of the cover image.",
        directives=[Cost(weight="20")],
    )
    page_count: int = strawberry.field(
        description="Number of pages: of the text if it can be read here, otherwise of a printed edition."
    )
    has_text: bool = strawberry.field(description="Whether the text can be read here, in `pages`.")
    original_year: int | None = strawberry.field(description="Year of first publication.")
    published_at: datetime | None = strawberry.field(
        description="When the book was published; null if only editors see it."
    )
    publish_at: datetime | None = strawberry.field(
        description="When the book will be published; null if it is published, or if no time is set."
    )
    created_at: datetime = strawberry.field(description="Creation time.")
    updated_at: datetime = strawberry.field(description="Time of the last change.")
    version: int = strawberry.field(
        description="Version for optimistic locking; incremented by every change. Pass it as `expectedVersion`."
    )
    progress = strawberry.field(
        resolver=resolve_books.progress,
        graphql_type=ref.BookProgress | None,
        description="The viewer's progress; null if not started or for anonymous requests.",
    )
    pages = strawberry.field(
        resolver=resolve_books.pages,
        graphql_type=Connection[BookPage] | None,
        description="The text by page; empty if the book has none.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    page = strawberry.field(
        resolver=resolve_books.page,
        graphql_type=BookPage | None,
        description="The page with this number; null if the text does not have it.",
    )
    vocabulary = strawberry.field(
        resolver=resolve_books.vocabulary,
        graphql_type=BookVocabularyConnection | None,
        description=(
            "The words of the text, each once; for a book without text, a selection by title and themes. Empty until "
            "the words of a new text are found."
        ),
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    coverage = strawberry.field(
        resolver=resolve_books.coverage,
        graphql_type=BookCoverage | None,
        description=(
            "How much of the text the viewer knows; null without text, until the words of a new text are found, and "
            "for anonymous requests."
        ),
        directives=[COVERAGE, Cost(weight="5")],
    )
    words_to_learn = strawberry.field(
        resolver=resolve_books.words_to_learn,
        graphql_type=list[WordToLearn] | None,
        description=(
            "The shortest list of words to create cards of, most frequent in the text first, with which `target` is "
            "reached; all words without a card if it cannot be reached. Null for anonymous requests."
        ),
        directives=[COVERAGE, Cost(weight="200"), list_sizes.WORDS_TO_LEARN],
    )
    exercises = strawberry.field(
        resolver=resolve_exercises.book_exercises,
        graphql_type=list[ref.Exercise],
        description="Comprehension questions; empty for most books.",
        directives=[list_sizes.EXERCISES],
    )
    revisions = strawberry.field(
        resolver=resolve_revisions.revisions,
        graphql_type=Connection[Revision] | None,
        description="What was changed, newest first; empty unless the viewer is an editor.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )


@strawberry.type(description="The viewer's progress in a book.")
class BookProgress(Node):
    is_type_of = is_row(BookProgressRow, JoinedProgress)

    book = strawberry.field(resolver=resolve_books.progress_book, graphql_type=ref.Book, description="The book.")
    book_id = strawberry.field(
        resolver=resolve_books.progress_book_id,
        graphql_type=strawberry.ID,
        description="The global id of the book, for clients that keep copies.",
    )
    current_page: int = strawberry.field(description="Last page read; at most `pageCount` of the book.")
    percent: float = strawberry.field(description="Progress in percent; 100 only if the book is finished.")
    status: ReadingStatus = strawberry.field(
        description="FINISHED if `finishedAt` is set, otherwise READING from page 1 on."
    )
    started_at: datetime = strawberry.field(description="When the book was first opened.")
    last_read_at: datetime = strawberry.field(description="When the book was last read.")
    finished_at: datetime | None = strawberry.field(
        description=(
            "When the book was first finished. It remains after turning back, or if the number of pages increases."
        )
    )
