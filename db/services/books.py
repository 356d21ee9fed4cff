"""Editors create, update and delete books and their texts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from db.commands import books as commands
from db.core.transaction import Transaction
from db.queries.books import BookRow
from db.queries.jobs import JobRow
from db.services.administration import publish_event, write_audit_entry
from db.services.jobs import enqueue_job
from db.services.optimistic_lock import check_version
from domain.annotated_text import AnnotatedText
from domain.books import BookValues
from domain.enums import EventKind, JobKind
from domain.ids import BookId, new_id
from domain.user_errors import InvalidInput, UserErrorCode, invalid_input


async def create_book(transaction: Transaction, values: BookValues, *, publish: bool) -> BookRow:
    """Create a book. Two statements, or three if it is published."""
    written = replace(values, published_at=transaction.now if publish else None)
    id = BookId(new_id())
    [book] = await transaction.rows(commands.insert_book, book_id=id, **commands.book_values(written))
    await write_audit_entry(transaction, "create", "Book", id, {}, asdict(written))
    if publish:
        await publish_event(transaction, EventKind.BOOK_FIRST_PUBLISHED, id)
    return book


async def update_book(
    transaction: Transaction, id: BookId, expected_version: int, changes: Mapping[str, Any], *, publish: bool | None
) -> BookRow:
    """Change fields of a book. Three statements, four to publish it; nothing is written if no value changes.

    Raises InvalidInput for an unknown book, a version conflict, or another number of pages than the text has.
    """
    before = await transaction.row(commands.lock_book, book_id=id)
    if before is None:
        raise _not_found()
    check_version(before.version, expected_version)
    found = before.editable
    if before.has_text and changes.get("page_count", found.page_count) != found.page_count:
        message = f"pageCount is {found.page_count}, the number of pages of the text."
        raise invalid_input(UserErrorCode.INVALID, message, "pageCount")
    written = replace(found, **changes, published_at=_published_at(found.published_at, publish, transaction.now))
    if written == found:
        return before
    [book] = await transaction.rows(
        commands.update_book,
        book_id=id,
        expected_version=expected_version,
        same_author=written.author == found.author,
        **commands.book_values(written),
    )
    await write_audit_entry(transaction, "update", "Book", id, asdict(found), asdict(written))
    if found.published_at is None and written.published_at is not None:
        await publish_event(transaction, EventKind.BOOK_FIRST_PUBLISHED, id)
    return book


async def replace_text(
    transaction: Transaction, id: BookId, expected_version: int, pages: Sequence[AnnotatedText]
) -> tuple[BookRow, JobRow | None]:
    """Replace the text of a book, and with it the number of its pages; enqueue the job that finds its words.

    Ten statements; six and no job if the book has the same text. The exercises, which ask about the former text, are
    removed.

    Raises InvalidInput for an unknown book or a version conflict.
    """
    before = await transaction.row(commands.lock_book, book_id=id)
    if before is None:
        raise _not_found("bookId")
    check_version(before.version, expected_version)
    await transaction.rows(commands.delete_pages, book_id=id)
    await transaction.rows(commands.insert_pages, book_id=id, **commands.page_values(pages))
    [book] = await transaction.rows(commands.set_page_count, book_id=id, page_count=len(pages))
    states = ({"has_text": row.has_text, "page_count": row.page_count} for row in (before, book))
    await write_audit_entry(transaction, "importText", "Book", id, *states)
    job = None
    if await transaction.rows(commands.delete_outdated_words, book_id=id):
        await transaction.rows(commands.delete_exercises, book_id=id)
        job = await enqueue_job(transaction, JobKind.ANALYZE_BOOK, {"bookId": str(id)}, steps=0)
    return book, job


async def delete_book(transaction: Transaction, id: BookId) -> None:
    """Soft-delete a book; the reading progress of learners is hidden with it. Two statements.

    Raises InvalidInput for an unknown book.
    """
    if await transaction.row(commands.delete_book, book_id=id) is None:
        raise _not_found()
    await write_audit_entry(transaction, "delete", "Book", id, {}, {"deleted_at": transaction.now})


def _published_at(before: datetime | None, publish: bool | None, now: datetime) -> datetime | None:
    if publish is None:
        return before
    return (before or now) if publish else None


def _not_found(path: str = "id") -> InvalidInput:
    return invalid_input(UserErrorCode.NOT_FOUND, "Book not found.", path)
