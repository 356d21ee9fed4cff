"""Resolvers of books, their pages, and reading progress."""

from typing import Any

import strawberry

from db.core.pagination import Page
from db.queries.books import BookFilter, BookRow, paged_books
from db.queries.coverage import WordToLearnRow
from db.queries.reading import PROGRESS, BookProgressRow
from domain.annotated_text import AnnotatedText, Ruby, decode_ruby
from domain.aozora_writer import write_aozora
from domain.enums import BookOrder, BookVocabularyOrder
from domain.errors import BadUserInput
from domain.ids import BookId, global_id, parse_global_id_as
from domain.list_sizes import DEFAULT_WORDS_TO_LEARN, MAX_PAGES_OF_BOOK, MAX_WORDS_TO_LEARN
from domain.pages import PageArguments, page_arguments
from domain.ranges import check_range
from engine.plan.selected_attributes import reads_attributes
from resolvers.connections import Edge, nested_page_key, row_columns, selects_description
from resolvers.context import Info
from resolvers.loader_field import load_by_key

# With this share of known words, books can be read without a dictionary.
DEFAULT_COVERAGE = 0.95


async def books(
    info: Info,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    filter: BookFilter | None = None,
    order_by: BookOrder | None = None,
) -> Page[BookRow]:
    arguments = page_arguments(first, after, last, before)
    filter = filter or BookFilter()
    order = order_by or BookOrder.NEWEST
    reads = info.context.reads
    by_coverage = order is BookOrder.COVERAGE
    viewer = info.context.require_viewer() if filter.needs_viewer or by_coverage else None
    columns = row_columns(info)
    # Rows that are cached have no progress, and are read without a viewer.
    has_progress = columns is not None and PROGRESS in columns and not by_coverage
    if has_progress:
        viewer = info.context.viewer
    page = await reads.page(
        paged_books(filter, order, includes_unpublished=reads.includes_unpublished).with_columns(columns),
        arguments,
        **filter.parameters(),
        viewer_id=viewer.id if viewer else None,
    )
    if has_progress:
        info.context.loaders.books.progress_by_book_id.add_joined(page.rows)
    if columns is not None and "description" in columns:
        info.context.loaders.books.description_by_book_id.add(page.rows)
    return page


def _book_id(info: Info, id: strawberry.ID) -> BookId:
    if selects_description(info):
        info.context.loaders.books.book_by_id.include_large()
    return parse_global_id_as(BookId, id)


book = load_by_key(lambda loaders: loaders.books.book_by_id, key=_book_id)

description = load_by_key(
    lambda loaders: loaders.books.description_by_book_id,
    transform=lambda row: row.description if row else "",
    known=lambda loaders: loaders.books.description_by_book_id.results,
    column="description",
)

progress = load_by_key(
    lambda loaders: loaders.books.progress_by_book_id,
    known=lambda loaders: loaders.books.progress_by_book_id.results,
    column=PROGRESS,
)

pages = load_by_key(lambda loaders: loaders.books.pages_by_book_id, key=nested_page_key)


def _page_key(parent: strawberry.Parent[Any], info: Info, number: int) -> tuple[BookId, int]:
    check_range("number", number, 1, MAX_PAGES_OF_BOOK)
    return parent.id, number


page = load_by_key(lambda loaders: loaders.books.page_by_book_id_and_number, key=_page_key)


def page_ruby(parent: strawberry.Parent[Any]) -> list[Ruby]:
    return decode_ruby(parent.ruby)


def page_source(parent: strawberry.Parent[Any]) -> str:
    return write_aozora(AnnotatedText(parent.text, tuple(decode_ruby(parent.ruby))))


def _annotated_text(parent: strawberry.Parent[Any], info: Info) -> tuple[str, str]:
    return parent.text, parent.ruby


page_tokens = load_by_key(lambda loaders: loaders.texts.tokens_by_annotated_text, key=_annotated_text)


def _vocabulary_key(
    parent: strawberry.Parent[Any],
    info: Info,
    first: int | None = None,
    after: str | None = None,
    order_by: BookVocabularyOrder | None = None,
) -> tuple[BookId, PageArguments, BookVocabularyOrder]:
    return parent.id, page_arguments(first, after), order_by or BookVocabularyOrder.FIRST_OCCURRENCE


vocabulary = load_by_key(lambda loaders: loaders.books.vocabulary_by_book_id, key=_vocabulary_key)


def occurrences(parent: strawberry.Parent[Edge]) -> int | None:
    """Words of books without text have no page, and one occurrence each."""
    count: int = parent.node["occurrences"]
    return None if parent.node["page"] is None else count


def first_page(parent: strawberry.Parent[Edge]) -> int | None:
    number: int | None = parent.node["page"]
    return number


coverage = load_by_key(
    lambda loaders: loaders.books.coverage_by_book_id, transform=lambda row: row.coverage if row else None
)


def _words_to_learn_key(
    parent: strawberry.Parent[Any],
    info: Info,
    first: int | None = None,
    target: float | None = None,
) -> tuple[BookId, int, float]:
    first = DEFAULT_WORDS_TO_LEARN if first is None else first
    target = DEFAULT_COVERAGE if target is None else target
    check_range("first", first, 1, MAX_WORDS_TO_LEARN)
    if not 0 < target <= 1:
        raise BadUserInput(f"target: {target} is not above 0 and at most 1.")
    return parent.id, first, target


words_to_learn = load_by_key(lambda loaders: loaders.books.words_to_learn_by_book_id, key=_words_to_learn_key)


def word_to_learn(parent: strawberry.Parent[WordToLearnRow]) -> WordToLearnRow:
    """The row is that of the word."""
    return parent


progress_book = load_by_key(lambda loaders: loaders.books.book_by_id, key="book_id")


def progress_book_id(parent: strawberry.Parent[BookProgressRow]) -> str:
    return global_id("Book", parent.book_id)


@reads_attributes("cover_url")
def cover_url(parent: strawberry.Parent[BookRow], info: Info) -> str | None:
    return info.context.services.covers.url(parent.cover_url)
