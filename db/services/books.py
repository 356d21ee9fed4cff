"""Editors create, update and delete books."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from db.commands import books as commands
from db.core.transaction import Transaction
from db.queries.books import BookRow
from db.services.administration import publish_event, write_audit_entry
from db.services.optimistic_lock import check_version
from domain.books import BookValues
from domain.enums import EventKind
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

    Raises InvalidInput for an unknown book or a version conflict.
    """
    before = await transaction.row(commands.lock_book, book_id=id)
    if before is None:
        raise _not_found()
    check_version(before.version, expected_version)
    found = before.editable
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


def _not_found() -> InvalidInput:
    return invalid_input(UserErrorCode.NOT_FOUND, "Book not found.", "id")
