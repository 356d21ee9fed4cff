"""Editors update, insert, move and delete single pages of the text of a book."""

from collections.abc import Mapping
from dataclasses import astuple, replace
from typing import Any

from db.commands import book_pages as commands
from db.commands import books as book_commands
from db.commands.books import LockedBookRow
from db.core.transaction import Transaction
from db.queries.books import BookRow
from db.queries.jobs import JobRow
from db.services.administration import write_audit_entry
from db.services.books import lock_book
from db.services.jobs import enqueue_job
from domain.annotated_text import AnnotatedText, Ruby, decode_ruby
from domain.book_pages import MAX_PAGE_LENGTH
from domain.enums import JobKind
from domain.ids import BookId
from domain.list_sizes import MAX_PAGES_OF_BOOK
from domain.user_errors import UserErrorCode, invalid_input

# The book, and the job that finds its words unless they are known.
Edited = tuple[BookRow, JobRow | None]
# Pages by number; None for a number that had or has another page.
Pages = Mapping[int, AnnotatedText | None]


async def update_page(
    transaction: Transaction, id: BookId, expected_version: int, number: int, page: AnnotatedText
) -> Edited:
    """Replace the text of a page; enqueue the job that finds the words of the book. Nine statements.

    Whether a paragraph ends with the page stays. Raises InvalidInput for an unknown book or page and for a version
    conflict.
    """
    book = await lock_book(transaction, id, expected_version, "bookId")
    found = await _find(transaction, id, number)
    page = _ended(page) if found.text.endswith("\n") else replace(page, text=page.text.rstrip("\n"))
    return await _replace(transaction, book, number, found, page)


async def insert_page(
    transaction: Transaction, id: BookId, expected_version: int, number: int, page: AnnotatedText
) -> Edited:
    """Insert a page, which ends with a paragraph, before the one with this number or at the end. Up to ten statements.

    Raises InvalidInput for an unknown book, one without text, a number that is not between 1 and the next one, one
    with the maximum number of pages, and a version conflict.
    """
    book = await lock_book(transaction, id, expected_version, "bookId")
    _check_has_text(book)
    if number > book.page_count + 1:
        raise _no_page(number)
    return await _insert(transaction, book, number, _ended(page))


async def delete_page(transaction: Transaction, id: BookId, expected_version: int, number: int) -> Edited:
    """Delete a page. Ten statements.

    Raises InvalidInput for an unknown book or page, the only page, and a version conflict.
    """
    book = await lock_book(transaction, id, expected_version, "bookId")
    return await _delete(transaction, book, number, await _find(transaction, id, number))


async def move_page(transaction: Transaction, id: BookId, expected_version: int, number: int, to: int) -> Edited:
    """Give a page another number, and those between another one. Eleven statements, two if it is the same.

    Raises InvalidInput for an unknown book or page and for a version conflict.
    """
    book = await lock_book(transaction, id, expected_version, "bookId")
    page = await _find(transaction, id, number)
    if to > book.page_count:
        raise _no_page(to, "toNumber")
    return await _move(transaction, book, number, to, page)


async def revert_pages(
    transaction: Transaction, id: BookId, expected_version: int, before: Pages, after: Pages
) -> Edited:
    """Revert a change of pages, which have to be as it left them. Up to eleven statements.

    Raises InvalidInput if they are not, for an unknown book, and for a version conflict.
    """
    book = await lock_book(transaction, id, expected_version, "id")
    for number, page in after.items():
        if page is not None and await _page(transaction, id, number) != page:
            message = f"Page {number} was changed or moved later; revert those revisions first."
            raise invalid_input(UserErrorCode.INVALID, message, "revisionId")
    left = {number: page for number, page in after.items() if page is not None}
    restored = {number: page for number, page in before.items() if page is not None}
    if not left:
        [(number, page)] = restored.items()
        if number > book.page_count + 1:
            raise _no_page(number, "revisionId")
        return await _insert(transaction, book, number, page)
    [(number, page)] = left.items()
    if not restored:
        return await _delete(transaction, book, number, page)
    [(target, former)] = restored.items()
    if target == number:
        return await _replace(transaction, book, number, page, former)
    return await _move(transaction, book, number, target, page)


def decode_pages(values: Mapping[str, Any]) -> Pages:
    """Return pages from the values of an audit entry. Raises InvalidInput for those of an earlier version."""
    pages: dict[int, AnnotatedText | None] = {}
    for name, value in values.items():
        if value is not None and not isinstance(value, dict):
            message = "The revision does not have the readings of the page."
            raise invalid_input(UserErrorCode.INVALID, message, "revisionId")
        page = None if value is None else AnnotatedText(value["text"], tuple(Ruby(*ruby) for ruby in value["ruby"]))
        pages[int(name.removeprefix("page "))] = page
    return pages


def _encode(pages: Pages) -> dict[str, object]:
    return {
        f"page {number}": page and {"text": page.text, "ruby": [astuple(ruby) for ruby in page.ruby]}
        for number, page in pages.items()
    }


async def _replace(
    transaction: Transaction, book: LockedBookRow, number: int, found: AnnotatedText, page: AnnotatedText
) -> Edited:
    if page == found:
        return book, None
    await transaction.rows(commands.delete_page, book_id=book.id, number=number)
    await transaction.rows(commands.insert_pages, book_id=book.id, **commands.numbered_page(number, page))
    return await _finish(transaction, book, book.page_count, "updatePage", {number: found}, {number: page})


async def _insert(transaction: Transaction, book: LockedBookRow, number: int, page: AnnotatedText) -> Edited:
    if book.page_count >= MAX_PAGES_OF_BOOK:
        message = f"The text has {MAX_PAGES_OF_BOOK} pages, the maximum."
        raise invalid_input(UserErrorCode.LIMIT_REACHED, message, "number")
    if number <= book.page_count:
        await _shift(transaction, book.id, number, book.page_count, 1)
    await transaction.rows(commands.insert_pages, book_id=book.id, **commands.numbered_page(number, page))
    return await _finish(transaction, book, book.page_count + 1, "insertPage", {number: None}, {number: page})


async def _delete(transaction: Transaction, book: LockedBookRow, number: int, page: AnnotatedText) -> Edited:
    if book.page_count == 1:
        message = "The text has one page; importBookText replaces it."
        raise invalid_input(UserErrorCode.INVALID, message, "number")
    await transaction.rows(commands.delete_page, book_id=book.id, number=number)
    await _shift(transaction, book.id, number + 1, book.page_count, -1)
    return await _finish(transaction, book, book.page_count - 1, "deletePage", {number: page}, {number: None})


async def _move(transaction: Transaction, book: LockedBookRow, number: int, to: int, page: AnnotatedText) -> Edited:
    if to == number:
        return book, None
    await transaction.rows(commands.delete_page, book_id=book.id, number=number)
    if to > number:
        await _shift(transaction, book.id, number + 1, to, -1)
    else:
        await _shift(transaction, book.id, to, number - 1, 1)
    await transaction.rows(commands.insert_pages, book_id=book.id, **commands.numbered_page(to, page))
    states = {number: page, to: None}, {number: None, to: page}
    return await _finish(transaction, book, book.page_count, "movePage", *states)


async def _shift(transaction: Transaction, id: BookId, first: int, last: int, shift: int) -> None:
    await transaction.rows(commands.shift_pages, book_id=id, first_number=first, last_number=last, shift=shift)


async def _finish(
    transaction: Transaction, before: BookRow, page_count: int, action: str, removed: Pages, written: Pages
) -> Edited:
    [book] = await transaction.rows(book_commands.set_page_count, book_id=before.id, page_count=page_count)
    await write_audit_entry(transaction, action, "Book", book.id, _encode(removed), _encode(written))
    job = None
    if await transaction.rows(book_commands.delete_outdated_words, book_id=book.id):
        job = await enqueue_job(transaction, JobKind.ANALYZE_BOOK, {"bookId": str(book.id)}, steps=0)
    return book, job


async def _page(transaction: Transaction, id: BookId, number: int) -> AnnotatedText | None:
    row = await transaction.row(commands.find_page, book_id=id, number=number)
    return None if row is None else AnnotatedText(row.text, tuple(decode_ruby(row.ruby)))


async def _find(transaction: Transaction, id: BookId, number: int) -> AnnotatedText:
    page = await _page(transaction, id, number)
    if page is None:
        raise _no_page(number)
    return page


def _ended(page: AnnotatedText) -> AnnotatedText:
    """Return the page with the end of a paragraph, if there is room for it."""
    text = page.text.rstrip("\n")
    return replace(page, text=text + "\n" if len(text) < MAX_PAGE_LENGTH else text)


def _check_has_text(book: BookRow) -> None:
    if not book.has_text:
        raise invalid_input(UserErrorCode.INVALID, "The book has no text; importBookText adds one.", "bookId")


def _no_page(number: int, path: str = "number") -> Any:
    return invalid_input(UserErrorCode.NOT_FOUND, f"{path}: the book has no page {number}.", path)
