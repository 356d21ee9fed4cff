"""Writes the books of the content, with their texts and words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from content.loader import upsert
from domain.annotated_text import AnnotatedText, encode_ruby
from domain.enums import JlptLevel
from domain.ids import VocabularyId

BOOK_TABLES = ("books", "book_pages", "book_texts", "book_vocabulary", "content_items")

_COLUMNS = (
    "id",
    "title",
    "title_reading",
    "author",
    "description",
    "jlpt_level",
    "page_count",
    "has_text",
    "original_year",
    "published_at",
    "created_at",
    "search_terms",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentBook:
    """A book to be written. `page_count` and `vocabulary_ids`: of a book without pages."""

    id: UUID
    title: str
    title_reading: str
    author: str
    description: str
    jlpt_level: JlptLevel
    original_year: int | None = None
    added_at: datetime
    search_terms: str
    page_count: int = 0
    pages: Sequence[AnnotatedText] = ()
    vocabulary_ids: Sequence[VocabularyId] = ()


async def save_books(connection: asyncpg.Connection, books: Sequence[ContentBook]) -> None:
    """Insert or update books, and replace their pages and words. Those of books with pages are found later."""
    await upsert(
        connection, "books", _COLUMNS, [_row(book) for book in books], key=("id",), casts={"search_terms": "tsvector"}
    )
    ids = [book.id for book in books]
    await connection.execute("delete from book_vocabulary where book_id = any($1)", ids)
    await connection.execute("delete from book_texts where book_id = any($1)", ids)
    await connection.copy_records_to_table(
        "book_vocabulary",
        columns=["book_id", "position", "vocabulary_id"],
        records=[(book.id, position, id) for book in books for position, id in enumerate(book.vocabulary_ids)],
    )
    await connection.execute("delete from book_pages where book_id = any($1)", ids)
    for book in books:
        if book.pages:
            await insert_pages(connection, book.id, book.pages)


async def insert_pages(connection: asyncpg.Connection, book_id: UUID, pages: Sequence[AnnotatedText]) -> None:
    await connection.copy_records_to_table(
        "book_pages",
        columns=["book_id", "number", "text", "ruby"],
        records=[(book_id, number, page.text, encode_ruby(page.ruby)) for number, page in enumerate(pages, start=1)],
    )


def _row(book: ContentBook) -> tuple[object, ...]:
    return (
        book.id,
        book.title,
        book.title_reading,
        book.author,
        book.description,
        book.jlpt_level.value,
        len(book.pages) or book.page_count,
        bool(book.pages),
        book.original_year,
        book.added_at,
        book.added_at,
        book.search_terms,
    )
