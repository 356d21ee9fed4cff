"""Saves reading progress."""

from datetime import datetime

from db.commands import reading as commands
from db.core.transaction import Transaction
from db.queries.books import books_by_id
from domain.ids import BookId, new_id
from domain.timestamps import clamp_to_now
from domain.user_errors import UserErrorCode, invalid_input


async def save_progress(transaction: Transaction, book_id: BookId, page: int, read_at: datetime | None) -> None:
    """Save the last page read and the time of reading, at most the current time. Two statements.

    A later time of reading wins, and a finished book stays finished. Raises InvalidInput for a book that is not visible
    to learners, and for a page that it does not have.
    """
    book = await transaction.row(books_by_id(unpublished=False), ids=[book_id])
    if book is None:
        raise invalid_input(UserErrorCode.NOT_FOUND, "Book not found.", "bookId")
    if not 0 <= page <= book.page_count:
        message = f"currentPage is {page}; it must be between 0 and {book.page_count}."
        raise invalid_input(UserErrorCode.OUT_OF_RANGE, message, "currentPage")
    time = clamp_to_now(read_at, transaction.now)
    await transaction.rows(
        commands.save_progress,
        id=new_id(),
        book_id=book_id,
        page=page,
        page_count=book.page_count,
        read_at=time,
        finished_at=time if page == book.page_count else None,
    )
