"""Resolvers of books and reading progress."""

import strawberry

from db.core.pagination import Page
from db.queries.books import BookFilter, BookRow, paged_books
from domain.enums import BookOrder
from domain.ids import BookId, parse_global_id_as
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

vocabulary = load_by_key(lambda loaders: loaders.books.vocabulary_by_book_id, key=nested_page_key)

progress_book = load_by_key(lambda loaders: loaders.books.book_by_id, key="book_id")
