"""Mutations of the pages of books, for editors."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import strawberry

from common.executors import COMPUTING, run_in
from db.services import book_pages as page_service
from domain.annotated_text import AnnotatedText
from domain.book_pages import MAX_PAGE_LENGTH, MAX_RUBY_OF_PAGE
from domain.enums import BookTextFormat
from domain.ids import BookId
from domain.list_sizes import MAX_PAGES_OF_BOOK
from domain.rate_limits import WRITES
from domain.user_errors import UserErrorCode, invalid_input
from domain.validation import Validator
from resolvers.context import Info
from resolvers.mutations.book_texts import ImportBookTextPayload, check_length, parse_text
from resolvers.mutations.payload_base import returns_user_errors
from resolvers.rate_limits import rate_limited

# In Aozora Bunko's format, readings are characters of the source.
MAX_PAGE_SOURCE = 10_000


@dataclass(kw_only=True)
class UpdateBookPageInput:
    book_id: strawberry.ID
    expected_version: int
    number: int
    text: str
    format: BookTextFormat = BookTextFormat.AOZORA


@dataclass(kw_only=True)
class InsertBookPageInput:
    book_id: strawberry.ID
    expected_version: int
    number: int
    text: str
    format: BookTextFormat = BookTextFormat.AOZORA


@dataclass(kw_only=True)
class MoveBookPageInput:
    book_id: strawberry.ID
    expected_version: int
    number: int
    to_number: int


@dataclass(kw_only=True)
class DeleteBookPageInput:
    book_id: strawberry.ID
    expected_version: int
    number: int


_Input = UpdateBookPageInput | InsertBookPageInput | MoveBookPageInput | DeleteBookPageInput


@returns_user_errors(ImportBookTextPayload, current="book")
@rate_limited(WRITES)
async def update_book_page(info: Info, input: UpdateBookPageInput) -> ImportBookTextPayload:
    id, page = await _checked_page(input)
    return await _change(info, input, partial(page_service.update_page, id=id, page=page))


@returns_user_errors(ImportBookTextPayload, current="book")
@rate_limited(WRITES)
async def insert_book_page(info: Info, input: InsertBookPageInput) -> ImportBookTextPayload:
    id, page = await _checked_page(input)
    return await _change(info, input, partial(page_service.insert_page, id=id, page=page))


@returns_user_errors(ImportBookTextPayload, current="book")
@rate_limited(WRITES)
async def move_book_page(info: Info, input: MoveBookPageInput) -> ImportBookTextPayload:
    validator = Validator()
    id = validator.parse_id(BookId, input.book_id, "bookId")
    validator.number(input.number, 1, MAX_PAGES_OF_BOOK, "number")
    validator.number(input.to_number, 1, MAX_PAGES_OF_BOOK, "toNumber")
    validator.raise_if_invalid()
    return await _change(info, input, partial(page_service.move_page, id=id, to=input.to_number))


@returns_user_errors(ImportBookTextPayload, current="book")
@rate_limited(WRITES)
async def delete_book_page(info: Info, input: DeleteBookPageInput) -> ImportBookTextPayload:
    validator = Validator()
    id = validator.parse_id(BookId, input.book_id, "bookId")
    validator.number(input.number, 1, MAX_PAGES_OF_BOOK, "number")
    validator.raise_if_invalid()
    return await _change(info, input, partial(page_service.delete_page, id=id))


async def _change(
    info: Info, input: _Input, change: Callable[..., Awaitable[page_service.Edited]]
) -> ImportBookTextPayload:
    """Run `change` on the page in a transaction."""
    book, job = await info.context.run_transaction(
        partial(change, expected_version=input.expected_version, number=input.number)
    )
    return ImportBookTextPayload(book=book, job=job)


async def _checked_page(input: UpdateBookPageInput | InsertBookPageInput) -> tuple[BookId, AnnotatedText]:
    """Raises InvalidInput."""
    validator = Validator()
    id = validator.parse_id(BookId, input.book_id, "bookId")
    validator.number(input.number, 1, MAX_PAGES_OF_BOOK, "number")
    check_length(input.text, MAX_PAGE_SOURCE, validator)
    validator.raise_if_invalid()
    pages = await run_in(COMPUTING, parse_text, input.text, input.format)
    if len(pages) > 1:
        message = f"text has more than {MAX_PAGE_LENGTH} characters or {MAX_RUBY_OF_PAGE} readings."
        raise invalid_input(UserErrorCode.TOO_LONG, message, "text")
    [page] = pages
    return id, page
