"""The job that finds the words of a book's text."""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from content.book_texts import BookText, find_words, save_words
from db.core.transaction import Transaction
from domain.ids import BookId
from jobs.attempts import Attempt


async def analyze_book(attempt: Attempt) -> Mapping[str, object]:
    """Safe to repeat: words that are current are not found again. Each import of another text has its own job."""
    book_id = BookId(UUID(attempt.input["bookId"]))
    # Row-level security shows unpublished books to editors.
    text = await attempt.write(partial(_find, book_id=book_id))
    if text is None:
        return {"words": 0}
    await attempt.write(partial(_save, text=text))
    return {"words": len(text.words)}


async def _find(transaction: Transaction, book_id: BookId) -> BookText | None:
    with transaction.raw_connection() as connection:
        return await find_words(connection, book_id)


async def _save(transaction: Transaction, text: BookText) -> None:
    with transaction.raw_connection() as connection:
        await save_words(connection, text)
