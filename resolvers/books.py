"""Resolvers of books, their pages, and reading progress."""

from typing import Any

import strawberry

from db.core.pagination import Page
from db.queries.books import BookFilter, BookRow, paged_books
from domain.annotated_text import Ruby, decode_ruby
from domain.enums import BookOrder
from domain.errors import BadUserInput
from domain.ids import BookId, parse_global_id_as
from domain.list_sizes import MAX_PAGES_OF_BOOK
from domain.pages import page_arguments
from resolvers.connections import nested_page_key
from resolvers.context import Info
from resolvers.loader_field import load_by_key


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
    reads = info.context.reads
    viewer = info.context.require_viewer() if filter.needs_viewer else None
    return await reads.page(
        paged_books(filter, order_by or BookOrder.NEWEST, includes_unpublished=reads.includes_unpublished),
        arguments,
        **filter.parameters(),
        viewer_id=viewer.id if viewer else None,
    )


def _book_id(info: Info, id: strawberry.ID) -> BookId:
    return parse_global_id_as(BookId, id)


book = load_by_key(lambda loaders: loaders.books.book_by_id, key=_book_id)

description = load_by_key(
    lambda loaders: loaders.books.description_by_book_id, transform=lambda row: row.description if row else ""
)

progress = load_by_key(lambda loaders: loaders.books.progress_by_book_id)

pages = load_by_key(lambda loaders: loaders.books.pages_by_book_id, key=nested_page_key)


def _page_key(parent: strawberry.Parent[Any], info: Info, number: int) -> tuple[BookId, int]:
    if not 1 <= number <= MAX_PAGES_OF_BOOK:
        raise BadUserInput(f"number: {number} is outside 1 to {MAX_PAGES_OF_BOOK}.")
    return parent.id, number


page = load_by_key(lambda loaders: loaders.books.page_by_book_id_and_number, key=_page_key)


def page_ruby(parent: strawberry.Parent[Any]) -> list[Ruby]:
    return decode_ruby(parent.ruby)


def _annotated_text(parent: strawberry.Parent[Any], info: Info) -> tuple[str, str]:
    return parent.text, parent.ruby


page_tokens = load_by_key(lambda loaders: loaders.texts.tokens_by_annotated_text, key=_annotated_text)


vocabulary = load_by_key(lambda loaders: loaders.books.vocabulary_by_book_id, key=nested_page_key)

progress_book = load_by_key(lambda loaders: loaders.books.book_by_id, key="book_id")
