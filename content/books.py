"""Loads the books of the catalogue and their vocabulary."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from analysis.search_terms import REVISION as TERMS_REVISION
from analysis.search_terms import book_search_terms
from content.book_rows import BOOK_TABLES, ContentBook, save_books
from content.book_words import BookWords
from content.catalogue import BOOKS, CatalogueBook, load_books
from content.loader import EPOCH_MS, Part, claim, content_id
from content.vocabulary import fingerprint_with
from content.words import read_dictionary
from domain.ids import VocabularyId

_REVISION = 2

# The first book of the catalogue is the newest; each following one is dated a few days earlier.
_NEWEST_AT = datetime.fromtimestamp(EPOCH_MS / 1000, UTC)
_BETWEEN_BOOKS = timedelta(days=5)


def _fingerprint() -> str:
    words = fingerprint_with("catalogue", BOOKS, _REVISION)
    return f"{words}, terms {TERMS_REVISION}"


async def _load(connection: asyncpg.Connection) -> None:
    catalogue = load_books()
    ids = await claim(connection, "books", [_id(book) for book in catalogue], "published_at is not null")
    dictionary = await read_dictionary(connection)
    words = BookWords(dictionary)
    # The position, and so the date, of a book does not depend on other books.
    books = [
        _book(book, position, [dictionary.ids[word] for word in words.select(book)])
        for position, book in enumerate(catalogue)
        if _id(book) in ids
    ]
    await save_books(connection, books)


def _book(book: CatalogueBook, position: int, vocabulary_ids: list[VocabularyId]) -> ContentBook:
    return ContentBook(
        id=_id(book),
        title=book.title,
        title_reading=book.title_reading,
        author=book.author,
        description=book.description,
        jlpt_level=book.jlpt_level,
        original_year=book.first_published,
        added_at=_NEWEST_AT - position * _BETWEEN_BOOKS,
        search_terms=book_search_terms(book.title, book.title_reading, book.author, book.author_reading),
        page_count=book.page_count,
        vocabulary_ids=vocabulary_ids,
    )


def _id(book: CatalogueBook) -> UUID:
    return content_id("book", f"{book.title} {book.author}", 0)


PART = Part("books", _fingerprint, _load, BOOK_TABLES)
