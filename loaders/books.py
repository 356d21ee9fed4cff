"""Loaders of books, their words, and reading progress."""

from functools import cached_property
from uuid import UUID

from db.queries import books, reading
from db.queries.books import BookDescriptionRow, BookRow, BookVocabularyRow
from db.queries.reading import BookProgressRow
from domain.ids import BookId
from loaders.base import LoaderGroup, OneByKey, OwnByKey, PageByKey


class BookLoaders(LoaderGroup):
    @cached_property
    def book_by_id(self) -> OneByKey[BookId, BookRow]:
        return self.one(books.books_by_id(unpublished=self.reads.includes_unpublished))

    @cached_property
    def description_by_book_id(self) -> OneByKey[BookId, BookDescriptionRow]:
        return self.one(books.book_descriptions)

    @cached_property
    def vocabulary_by_book_id(self) -> PageByKey[BookId, BookVocabularyRow]:
        return self.page(books.paged_book_vocabulary)

    @cached_property
    def progress_by_book_id(self) -> OwnByKey[BookId, BookProgressRow]:
        return self.own(reading.progress_by_book_id, "book_id")

    @cached_property
    def progress_by_id(self) -> OwnByKey[UUID, BookProgressRow]:
        return self.own(reading.progress_by_id)
