"""Editors create, update and delete books and their texts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from common.text import truncate
from db.commands import book_pages as page_commands
from db.commands import books as commands
from db.commands.books import LockedBookRow
from db.commands.ordered_words import word_values
from db.core.transaction import Transaction
from db.queries.books import BookRow
from db.queries.jobs import JobRow
from db.services.administration import publish_event, write_audit_entry
from db.services.jobs import enqueue_job
from db.services.optimistic_lock import check_version
from domain.annotated_text import AnnotatedText
from domain.books import BookValues
from domain.covers import is_stored_cover
from domain.enums import EventKind, JobKind
from domain.ids import BookId, VocabularyId, new_id
from domain.user_errors import InvalidInput, UserErrorCode, invalid_input
from domain.validation import require_found


async def create_book(transaction: Transaction, values: BookValues, *, publish: bool) -> BookRow:
    """Create a book. Two statements, or three if it is published."""
    written = replace(values, published_at=transaction.now if publish else None)
    id = BookId(new_id())
    [book] = await transaction.rows(commands.insert_book, book_id=id, **commands.book_values(written))
    await write_audit_entry(transaction, "create", "Book", id, {}, asdict(written))
    if publish:
        await publish_event(transaction, EventKind.BOOK_FIRST_PUBLISHED, id)
    return book


async def lock_book(transaction: Transaction, id: BookId, expected_version: int | None, path: str) -> LockedBookRow:
    """Lock a book. One statement. Raises InvalidInput for an unknown book, with this path, and a version conflict."""
    book = await transaction.row(commands.lock_book, book_id=id)
    if book is None:
        raise _not_found(path)
    check_version(book, expected_version)
    return book


async def update_book(
    transaction: Transaction, id: BookId, expected_version: int, changes: Mapping[str, Any], *, publish: bool | None
) -> BookRow:
    """Change fields of a book. Three statements, four to publish it; nothing is written if no value changes.

    Raises InvalidInput for an unknown book, a version conflict, or another number of pages than the text has.
    """
    before = await lock_book(transaction, id, expected_version, "id")
    found = before.editable
    if before.has_text and changes.get("page_count", found.page_count) != found.page_count:
        message = f"pageCount is {found.page_count}, the number of pages of the text."
        raise invalid_input(UserErrorCode.INVALID, message, "pageCount")
    cover_url = changes.get("cover_url")
    if is_stored_cover(cover_url) and cover_url != found.cover_url:
        message = f"coverUrl: {truncate(cover_url)} is not the cover of this book; setBookCover uploads one."
        raise invalid_input(UserErrorCode.INVALID, message, "coverUrl")
    # `publish` ends a schedule.
    scheduled = {} if publish is None else {"publish_at": None}
    published_at = _published_at(found.published_at, publish, transaction.now)
    written = replace(found, published_at=published_at, **{**scheduled, **changes})
    if written.publish_at is not None and written.published_at is not None:
        raise invalid_input(UserErrorCode.INVALID, "publishAt: the book is published.", "publishAt")
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
    before = await lock_book(transaction, id, expected_version, "bookId")
    await transaction.rows(page_commands.delete_pages, book_id=id)
    await transaction.rows(page_commands.insert_pages, book_id=id, **page_commands.page_values(pages))
    [book] = await transaction.rows(commands.set_page_count, book_id=id, page_count=len(pages))
    states = ({"has_text": row.has_text, "page_count": row.page_count} for row in (before, book))
    await write_audit_entry(transaction, "importText", "Book", id, *states)
    job = None
    if await transaction.rows(commands.delete_outdated_words, book_id=id):
        await transaction.rows(commands.delete_exercises, book_id=id)
        job = await enqueue_job(transaction, JobKind.ANALYZE_BOOK, {"bookId": str(id)}, steps=0)
    return book, job


async def delete_book(transaction: Transaction, id: BookId, expected_version: int | None) -> None:
    """Soft-delete a book; the reading progress of learners is hidden with it. Three statements.

    Raises InvalidInput for an unknown book or a version conflict.
    """
    await lock_book(transaction, id, expected_version, "id")
    await transaction.rows(commands.delete_book, book_id=id)
    await write_audit_entry(transaction, "delete", "Book", id, {}, {"deleted_at": transaction.now})


async def restore_book(transaction: Transaction, id: BookId, expected_version: int) -> BookRow:
    """Restore a deleted book. Three statements, one if it is not deleted.

    Raises InvalidInput for a book that was purged and for a version conflict.
    """
    before = await transaction.row(commands.lock_any_book, book_id=id)
    if before is None:
        raise _not_found()
    check_version(before, expected_version)
    if before.deleted_at is None:
        return before
    [book] = await transaction.rows(commands.restore_book, book_id=id)
    await write_audit_entry(transaction, "restore", "Book", id, {"deleted_at": before.deleted_at}, {})
    return book


async def set_words(
    transaction: Transaction, id: BookId, expected_version: int, words: Sequence[VocabularyId]
) -> BookRow:
    """Replace the words of a book without text, in their order. Six statements, two if they are the same.

    Raises InvalidInput for an unknown book or word, a book with text, and a version conflict.
    """
    before = await lock_book(transaction, id, expected_version, "bookId")
    if before.has_text:
        raise invalid_input(UserErrorCode.INVALID, "The words of this book are those of its text.", "bookId")
    found = [row.vocabulary_id for row in await transaction.rows(commands.words.select, book_id=id)]
    if found == [*words]:
        return before
    await transaction.rows(commands.words.delete, book_id=id)
    known = await transaction.rows(commands.words.insert, book_id=id, **word_values(words))
    require_found(words, {row.vocabulary_id for row in known}, "Word not found.", "vocabularyIds")
    [book] = await transaction.rows(commands.touch_book, book_id=id)
    states = ({"vocabulary_ids": [str(word) for word in ids]} for ids in (found, words))
    await write_audit_entry(transaction, "setWords", "Book", id, *states)
    return book


def _published_at(before: datetime | None, publish: bool | None, now: datetime) -> datetime | None:
    if publish is None:
        return before
    return (before or now) if publish else None


def _not_found(path: str = "id") -> InvalidInput:
    return invalid_input(UserErrorCode.NOT_FOUND, "Book not found.", path)
