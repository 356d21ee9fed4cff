"""Mutations of books, for editors."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import strawberry
from strawberry import UNSET

from common.executors import COMPUTING, run_in
from db.queries.books import BookRow
from db.queries.jobs import JobRow
from db.services import books as book_service
from domain.annotated_text import AnnotatedText, TextError
from domain.book_text import parse_pages
from domain.books import BookValues
from domain.enums import BookTextFormat, JlptLevel
from domain.ids import BookId, global_id
from domain.list_sizes import MAX_PAGES_OF_BOOK
from domain.rate_limits import WRITES
from domain.user_errors import InvalidInput, UserError, UserErrorCode
from domain.validation import Validator, validated_id
from resolvers.context import Info
from resolvers.mutations.payload_base import DeletedPayload, Payload, returns_user_errors
from resolvers.rate_limits import rate_limited

MAX_TITLE, MAX_AUTHOR, MAX_DESCRIPTION, MAX_ADDRESS, MAX_TEXT = 500, 200, 10_000, 2_000, 200_000


@dataclass(kw_only=True)
class CreateBookInput:
    title: str
    title_reading: str | None = None
    author: str
    description: str
    jlpt_level: JlptLevel
    cover_url: str | None = None
    page_count: int
    publish: bool | None = False


@dataclass(kw_only=True)
class UpdateBookInput:
    id: strawberry.ID
    expected_version: int
    title: str | None = None
    title_reading: str | None = UNSET
    author: str | None = None
    description: str | None = None
    jlpt_level: JlptLevel | None = None
    cover_url: str | None = UNSET
    page_count: int | None = None
    publish: bool | None = None


@dataclass(kw_only=True)
class DeleteBookInput:
    id: strawberry.ID


@dataclass(kw_only=True)
class ImportBookTextInput:
    book_id: strawberry.ID
    expected_version: int
    text: str
    format: BookTextFormat = BookTextFormat.AOZORA


@dataclass(frozen=True, slots=True, kw_only=True)
class BookPayload(Payload):
    """The updated book."""

    book: BookRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportBookTextPayload(BookPayload):
    """`job`: None if the book has the same text."""

    job: JobRow | None = None


@returns_user_errors(BookPayload)
@rate_limited(WRITES)
async def create_book(info: Info, input: CreateBookInput) -> BookPayload:
    validator = Validator()
    values = BookValues(**_checked(input, validator))
    validator.raise_if_invalid()
    return BookPayload(
        book=await info.context.run_transaction(
            partial(book_service.create_book, values=values, publish=bool(input.publish))
        )
    )


@returns_user_errors(BookPayload)
@rate_limited(WRITES)
async def update_book(info: Info, input: UpdateBookInput) -> BookPayload:
    validator = Validator()
    id = validator.parse_id(BookId, input.id, "id")
    changes = _checked(input, validator)
    validator.raise_if_invalid()
    save = partial(
        book_service.update_book, id=id, expected_version=input.expected_version, changes=changes, publish=input.publish
    )
    return BookPayload(book=await info.context.run_transaction(save))


@returns_user_errors(DeletedPayload)
@rate_limited(WRITES)
async def delete_book(info: Info, input: DeleteBookInput) -> DeletedPayload:
    id = validated_id(BookId, input.id, "id")
    await info.context.run_transaction(partial(book_service.delete_book, id=id))
    return DeletedPayload(deleted_id=strawberry.ID(global_id("Book", id)))


@returns_user_errors(ImportBookTextPayload)
@rate_limited(WRITES)
async def import_book_text(info: Info, input: ImportBookTextInput) -> ImportBookTextPayload:
    validator = Validator()
    id = validator.parse_id(BookId, input.book_id, "bookId")
    if len(input.text) > MAX_TEXT:
        message = f"text has {len(input.text)} characters; {MAX_TEXT} are allowed."
        validator.add_error(UserErrorCode.TOO_LONG, message, "text")
    validator.raise_if_invalid()
    # It takes a tenth of a second for the longest text.
    pages = await run_in(COMPUTING, _parse_text, input.text, input.format)
    save = partial(book_service.replace_text, id=id, expected_version=input.expected_version, pages=pages)
    book, job = await info.context.run_transaction(save)
    return ImportBookTextPayload(book=book, job=job)


def _parse_text(text: str, format: BookTextFormat) -> list[AnnotatedText]:
    try:
        return parse_pages(text, format)
    except TextError as error:
        errors = (UserError(UserErrorCode.INVALID, f"text: {problem}", ("text",)) for problem in error.problems)
        raise InvalidInput(*errors) from None


def _checked(input: CreateBookInput | UpdateBookInput, validator: Validator) -> dict[str, Any]:
    """The validated values by column, without omitted ones."""
    values: dict[str, Any] = {}
    if input.title is not None:
        values["title"] = validator.line(input.title, MAX_TITLE, "title")
    if input.title_reading is not UNSET:
        values["title_reading"] = (
            validator.line(input.title_reading or "", MAX_TITLE, "titleReading", empty=True) or None
        )
    if input.author is not None:
        values["author"] = validator.line(input.author, MAX_AUTHOR, "author")
    if input.description is not None:
        values["description"] = validator.text(input.description, MAX_DESCRIPTION, "description")
    if input.jlpt_level is not None:
        values["jlpt_level"] = input.jlpt_level.value
    if input.cover_url is not UNSET:
        address = (input.cover_url or "").strip()
        values["cover_url"] = validator.url(address, MAX_ADDRESS, "coverUrl") if address else None
    if input.page_count is not None:
        validator.number(input.page_count, 1, MAX_PAGES_OF_BOOK, "pageCount")
        values["page_count"] = input.page_count
    return values
