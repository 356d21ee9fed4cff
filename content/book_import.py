"""Adds the text of a file to the catalogue, as `shinjp books import` does."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

from analysis.search_terms import book_search_terms
from content.book_rows import insert_pages
from content.book_texts import analyze_books
from content.text_files import read_text_file
from db.core.database import owner_connection
from domain.annotated_text import AnnotatedText
from domain.aozora import Work, parse_aozora
from domain.book_pages import split_pages
from domain.enums import BookTextFormat, EventKind, JlptLevel
from domain.ids import new_id
from domain.plain_text import parse_plain

_MAX_TITLE, _MAX_AUTHOR = 500, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class BookDetails:
    """What an editor says about a book. `title` and `author`: None to take those of the file's header."""

    title: str | None
    author: str | None
    level: JlptLevel | None
    description: str | None
    publish: bool


@dataclass(frozen=True, slots=True)
class ImportedBook:
    """`created`: whether the catalogue did not have the book."""

    id: UUID
    title: str
    author: str
    page_count: int
    created: bool


class MissingDetails(ValueError):
    """A new book lacks a detail that the file does not have either."""


def import_book(database_url: str, path: Path, format: BookTextFormat, details: BookDetails) -> ImportedBook:
    """Replace the text of the book with this title and author, or create one.

    Raises TextError for a file that cannot be read as text, OSError, and MissingDetails.
    """
    source = read_text_file(path)
    work = parse_aozora(source) if format is BookTextFormat.AOZORA else Work(None, None, parse_plain(source))
    title = _checked("title", details.title or work.title, _MAX_TITLE)
    author = _checked("author", details.author or work.author, _MAX_AUTHOR)
    return asyncio.run(_save(database_url, title, author, split_pages(work.text), details))


def _checked(name: str, value: str | None, max_length: int) -> str:
    if not value:
        raise MissingDetails(f"The file has no header with the {name}: --{name} is required.")
    if len(value) > max_length or not value.isprintable():
        raise MissingDetails(f"The {name} must be one line of at most {max_length} characters.")
    return value


async def _save(
    database_url: str, title: str, author: str, pages: list[AnnotatedText], details: BookDetails
) -> ImportedBook:
    async with owner_connection(database_url) as connection, connection.transaction():
        # Of two imports of a new book, the second finds it.
        await connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"{title} {author}")
        id = await connection.fetchval(_FIND, title, author)
        created = id is None
        if created:
            id = await _create(connection, title, author, details)
        await connection.execute("delete from book_pages where book_id = $1", id)
        await insert_pages(connection, id, pages)
        await analyze_books(connection, [id])
        is_first_publication = await connection.fetchval(_UPDATE, id, len(pages), details.publish)
        if is_first_publication:
            await connection.execute(_PUBLISH_EVENT, new_id(), EventKind.BOOK_FIRST_PUBLISHED.value, id)
    return ImportedBook(id, title, author, len(pages), created)


_FIND = """
    select id from books where title = $1 and author = $2 and deleted_at is null
    order by created_at, id limit 1 for update
"""
_INSERT = """
    insert into books (id, title, author, description, jlpt_level, page_count, search_terms)
    values ($1, $2, $3, $4, $5, 1, $6::text::tsvector)
"""
# The content does not overwrite a book whose version is not 1.
_UPDATE = """
    update books set has_text = true, page_count = $2, version = version + 1, updated_at = now(),
        published_at = coalesce(books.published_at, case when $3 then now() end)
    from (select published_at from books where id = $1) as before
    where id = $1 returning before.published_at is null and books.published_at is not null
"""
_PUBLISH_EVENT = "insert into events (id, kind, entity_id) values ($1, $2, $3) on conflict do nothing"


async def _create(connection: asyncpg.Connection, title: str, author: str, details: BookDetails) -> UUID:
    if details.level is None:
        raise MissingDetails(f"There is no book {title!r} by {author}: --level is required for a new one.")
    id = new_id()
    description = details.description or f"{title} by {author}."
    terms = book_search_terms(title, None, author)
    await connection.execute(_INSERT, id, title, author, description, details.level.value, terms)
    return id
