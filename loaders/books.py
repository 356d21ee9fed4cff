"""Loaders of books, their pages and words, and reading progress."""

from collections.abc import Sequence
from functools import cached_property
from uuid import UUID

from db.queries import books, reading
from db.queries.books import BookDescriptionRow, BookPageRow, BookRow, BookVocabularyRow, NestedBookPageRow
from db.queries.reading import BookProgressRow
from domain.ids import BookId
from loaders.base import Loader, LoaderGroup, OneByKey, OwnByKey, PageByKey


class PageByNumber(Loader[tuple[BookId, int], BookPageRow | None]):
    """The page of a book by its number, or None."""

    async def load_keys(self, keys: Sequence[tuple[BookId, int]]) -> list[BookPageRow | None]:
        ids, numbers = zip(*keys, strict=True)
        query = books.book_pages_by_number(unpublished=self.reads.includes_unpublished)
        rows = await self.reads.rows(query, books=ids, numbers=numbers)
        pages = {(row.book_id, row.number): row for row in rows}
        return [pages.get(key) for key in keys]


class BookLoaders(LoaderGroup):
    @cached_property
    def book_by_id(self) -> OneByKey[BookId, BookRow]:
        return self.one(books.books_by_id(unpublished=self.reads.includes_unpublished))

    @cached_property
    def description_by_book_id(self) -> OneByKey[BookId, BookDescriptionRow]:
        return self.one(books.book_descriptions)

    @cached_property
    def pages_by_book_id(self) -> PageByKey[BookId, NestedBookPageRow]:
        return self.page(books.paged_book_pages(unpublished=self.reads.includes_unpublished))

    @cached_property
    def page_by_book_id_and_number(self) -> PageByNumber:
        return PageByNumber(self.reads, self._running)

    @cached_property
    def vocabulary_by_book_id(self) -> PageByKey[BookId, BookVocabularyRow]:
        return self.page(books.paged_book_vocabulary)

    @cached_property
    def progress_by_book_id(self) -> OwnByKey[BookId, BookProgressRow]:
        return self.own(reading.progress_by_book_id, "book_id")

    @cached_property
    def progress_by_id(self) -> OwnByKey[UUID, BookProgressRow]:
        return self.own(reading.progress_by_id)
