"""Loaders of books, their pages and words, and reading progress."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from common.task_set import TaskSet
from db.core.pagination import Page
from db.core.read_session import ReadSession
from db.queries import books, coverage, reading
from db.queries.book_pages import BookPageRow, NestedBookPageRow, book_pages_by_number, paged_book_pages
from db.queries.books import BookDescriptionRow, BookRow, BookVocabularyRow
from db.queries.coverage import CoverageRow, WordToLearnRow
from db.queries.reading import PROGRESS, BookProgressRow, JoinedProgress
from domain.enums import BookVocabularyOrder
from domain.ids import BookId
from domain.pages import PageArguments
from loaders.base import Loader, LoaderGroup, OneByKey, OneWithLargeColumn, OwnByKey, PageByKey


class PageByNumber(Loader[tuple[BookId, int], BookPageRow | None]):
    """The page of a book by its number, or None."""

    async def load_keys(self, keys: Sequence[tuple[BookId, int]]) -> list[BookPageRow | None]:
        ids, numbers = zip(*keys, strict=True)
        query = book_pages_by_number(unpublished=self.reads.includes_unpublished)
        rows = await self.reads.rows(query, books=ids, numbers=numbers)
        pages = {(row.book_id, row.number): row for row in rows}
        return [pages.get(key) for key in keys]


class PageOfVocabulary(Loader[tuple[BookId, PageArguments, BookVocabularyOrder], Page[BookVocabularyRow]]):
    """A page of the words of a book. One statement for each distinct set of arguments."""

    def __init__(self, reads: ReadSession, running: TaskSet) -> None:
        super().__init__(reads, running)
        self._by_order: dict[BookVocabularyOrder, PageByKey[BookId, BookVocabularyRow]] = {
            order: PageByKey(reads, running, books.paged_book_vocabulary(order, unpublished=reads.includes_unpublished))
            for order in BookVocabularyOrder
        }

    async def load_keys(
        self, keys: Sequence[tuple[BookId, PageArguments, BookVocabularyOrder]]
    ) -> list[Page[BookVocabularyRow]]:
        pages: dict[tuple[BookId, PageArguments, BookVocabularyOrder], Page[BookVocabularyRow]] = {}
        for order in dict.fromkeys(order for _, _, order in keys):
            wanted = [(id, arguments) for id, arguments, of_order in keys if of_order is order]
            found = await self._by_order[order].load_keys(wanted)
            pages.update(((*key, order), page) for key, page in zip(wanted, found, strict=True))
        return [pages[key] for key in keys]


class WordsToLearn(Loader[tuple[BookId, int, float], list[WordToLearnRow] | None]):
    """The words of a book that the viewer has no card of, by book, their number and the target share; None for
    anonymous requests. One statement for each distinct number and target.
    """

    async def load_keys(self, keys: Sequence[tuple[BookId, int, float]]) -> list[list[WordToLearnRow] | None]:
        viewer = self.reads.viewer
        if viewer is None:
            return [None] * len(keys)
        words: dict[tuple[BookId, int, float], list[WordToLearnRow]] = {key: [] for key in keys}
        for limit, target in dict.fromkeys((limit, target) for _, limit, target in keys):
            ids = [id for id, *arguments in keys if arguments == [limit, target]]
            for row in await self.reads.rows(
                coverage.words_to_learn_by_book_id, ids=ids, viewer_id=viewer.id, target=target, limit=limit
            ):
                words[row.parent_id, limit, target].append(row)
        return [words[key] for key in keys]


class ProgressByBook(OwnByKey[BookId, Any]):
    """The viewer's progress in a book, or None."""

    def add_joined(self, rows: Iterable[BookRow]) -> None:
        """Add the column `progress` of rows of books."""
        for row in rows:
            values = row[PROGRESS]
            self.results[row["id"]] = None if values is None else JoinedProgress._make(values)


class BookLoaders(LoaderGroup):
    @cached_property
    def book_by_id(self) -> OneWithLargeColumn[BookId, BookRow]:
        query, described = (
            books.books_by_id(unpublished=self.reads.includes_unpublished, described=described)
            for described in (False, True)
        )
        return OneWithLargeColumn(self.reads, self._running, query, described, self.description_by_book_id)

    @cached_property
    def description_by_book_id(self) -> OneByKey[BookId, BookDescriptionRow]:
        return self.one(books.book_descriptions(unpublished=self.reads.includes_unpublished))

    @cached_property
    def pages_by_book_id(self) -> PageByKey[BookId, NestedBookPageRow]:
        return self.page(paged_book_pages(unpublished=self.reads.includes_unpublished))

    @cached_property
    def page_by_book_id_and_number(self) -> PageByNumber:
        return PageByNumber(self.reads, self._running)

    @cached_property
    def vocabulary_by_book_id(self) -> PageOfVocabulary:
        return PageOfVocabulary(self.reads, self._running)

    @cached_property
    def coverage_by_book_id(self) -> OwnByKey[BookId, CoverageRow]:
        return self.own(coverage.coverage_by_book_id)

    @cached_property
    def words_to_learn_by_book_id(self) -> WordsToLearn:
        return WordsToLearn(self.reads, self._running)

    @cached_property
    def progress_by_book_id(self) -> ProgressByBook:
        return ProgressByBook(self.reads, self._running, reading.progress_by_book_id, "book_id")

    @cached_property
    def progress_by_id(self) -> OwnByKey[UUID, BookProgressRow]:
        return self.own(reading.progress_by_id)
