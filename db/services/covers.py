"""Editors upload the cover of a book. The file is in the storage."""

from db.commands import books as commands
from db.core.transaction import Transaction
from db.queries.books import BookRow
from db.services.administration import write_audit_entry
from db.services.books import lock_book
from domain.ids import BookId


async def set_cover(
    transaction: Transaction, id: BookId, expected_version: int, cover_url: str
) -> tuple[BookRow, str | None]:
    """Return the book with its new cover, and the former one. Three statements.

    Raises InvalidInput for an unknown book and for a version conflict.
    """
    before = await lock_book(transaction, id, expected_version, "bookId")
    [book] = await transaction.rows(commands.set_cover, book_id=id, cover_url=cover_url)
    states = ({"cover_url": url} for url in (before.cover_url, cover_url))
    await write_audit_entry(transaction, "setCover", "Book", id, *states)
    return book, before.cover_url
