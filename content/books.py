"""Loads the books of the catalogue and their vocabulary."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from content.book_words import BookWords
from content.catalogue import BOOKS, CatalogueBook, load_books
from content.loader import EPOCH_MS, Part, claim, content_id, upsert
from content.vocabulary import fingerprint_with
from content.words import Dictionary, read_dictionary
from domain.search_terms import book_search_terms

_REVISION = 1

# The first book of the catalogue is the newest; each following one is dated a few days earlier.
_NEWEST_AT = datetime.fromtimestamp(EPOCH_MS / 1000, UTC)
_BETWEEN_BOOKS = timedelta(days=5)


def _fingerprint() -> str:
    return fingerprint_with("catalogue", BOOKS, _REVISION)


async def _load(connection: asyncpg.Connection) -> None:
    catalogue = load_books()
    ids = await claim(connection, "books", [_id(book) for book in catalogue], "published_at is not null")
    # The position, and so the date, of a book does not depend on other books.
    rows = [_row(book, position) for position, book in enumerate(catalogue) if _id(book) in ids]
    books = tuple(book for book in catalogue if _id(book) in ids)
    dictionary = await read_dictionary(connection)
    await upsert(
        connection,
        "books",
        (
            "id",
            "title",
            "title_reading",
            "author",
            "description",
            "jlpt_level",
            "page_count",
            "original_year",
            "published_at",
            "created_at",
            "search_terms",
        ),
        rows,
        key=("id",),
        casts={"search_terms": "tsvector"},
    )
    await connection.execute("delete from book_vocabulary where book_id = any($1)", list(ids))
    await connection.copy_records_to_table(
        "book_vocabulary",
        columns=["book_id", "position", "vocabulary_id"],
        records=list(_words_of_books(books, dictionary)),
    )


def _row(book: CatalogueBook, position: int) -> tuple[object, ...]:
    added_at = _NEWEST_AT - position * _BETWEEN_BOOKS
    return (
        _id(book),
        book.title,
        book.title_reading,
        book.author,
        book.description,
        book.jlpt_level.value,
        book.page_count,
        book.first_published,
        added_at,
        added_at,
        book_search_terms(book.title, book.title_reading, book.author, book.author_reading),
    )


def _id(book: CatalogueBook) -> UUID:
    return content_id("book", f"{book.title} {book.author}", 0)


def _words_of_books(books: tuple[CatalogueBook, ...], dictionary: Dictionary) -> Iterator[tuple[object, ...]]:
    words = BookWords(dictionary)
    for book in books:
        for position, word in enumerate(words.select(book)):
            yield _id(book), position, dictionary.ids[word]


PART = Part("books", _fingerprint, _load)
