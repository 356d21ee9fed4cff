"""Mutations of books, for editors."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import strawberry
from strawberry import UNSET

from db.queries.books import BookRow
from db.services import books as book_service
from domain.books import BookValues
from domain.enums import JlptLevel
from domain.ids import BookId, global_id
from domain.rate_limits import WRITES
from domain.validation import Validator, validated_id
from resolvers.context import Info
from resolvers.mutations.payload_base import DeletedPayload, Input, Payload, answering
from resolvers.rate_limits import rate_limited

MAX_TITLE, MAX_AUTHOR, MAX_DESCRIPTION, MAX_ADDRESS, MAX_PAGES = 500, 200, 10_000, 2_000, 100_000


@strawberry.input(description="Input of createBook.")
class CreateBookInput:
    title: str = strawberry.field(description="Title in Japanese; 1 to 500 characters.")
    title_reading: str | None = strawberry.field(default=None, description="Title in hiragana; max 500 characters.")
    author: str = strawberry.field(description="Author; 1 to 200 characters.")
    description: str = strawberry.field(description="Description in English; 1 to 10,000 characters.")
    jlpt_level: JlptLevel = strawberry.field(description="JLPT level of the text.")
    cover_url: str | None = strawberry.field(default=None, description="HTTP or HTTPS URL of the cover image.")
    page_count: int = strawberry.field(description="Number of pages, between 1 and 100,000.")
    publish: bool | None = strawberry.field(default=False, description="Whether the book is published immediately.")


@strawberry.input(description="Input of updateBook. Omitted and null fields are unchanged.")
class UpdateBookInput:
    id: strawberry.ID = strawberry.field(description="The book.")
    expected_version: int = strawberry.field(description="The version on which the change is based.")
    title: str | None = strawberry.field(default=None, description="Title in Japanese; 1 to 500 characters.")
    title_reading: str | None = strawberry.field(
        default=UNSET, description="Title in hiragana; max 500 characters. Null removes it."
    )
    author: str | None = strawberry.field(default=None, description="Author; 1 to 200 characters.")
    description: str | None = strawberry.field(
        default=None, description="Description in English; 1 to 10,000 characters."
    )
    jlpt_level: JlptLevel | None = strawberry.field(default=None, description="JLPT level of the text.")
    cover_url: str | None = strawberry.field(
        default=UNSET, description="HTTP or HTTPS URL of the cover image. Null removes it."
    )
    page_count: int | None = strawberry.field(default=None, description="Number of pages, between 1 and 100,000.")
    publish: bool | None = strawberry.field(default=None, description="Whether learners see the book.")


@strawberry.input(description="Input of deleteBook.")
class DeleteBookInput:
    id: strawberry.ID = strawberry.field(description="The book.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BookPayload(Payload):
    """The updated book."""

    book: BookRow | None = None


@answering(BookPayload)
@rate_limited(WRITES)
async def create_book(info: Info, input: Input[CreateBookInput]) -> BookPayload:
    validator = Validator()
    values = BookValues(**_checked(input, validator))
    validator.raise_if_invalid()
    return BookPayload(
        book=await info.context.run_transaction(
            partial(book_service.create_book, values=values, publish=bool(input.publish))
        )
    )


@answering(BookPayload)
@rate_limited(WRITES)
async def update_book(info: Info, input: Input[UpdateBookInput]) -> BookPayload:
    validator = Validator()
    id = validator.parse_id(BookId, input.id, "id")
    changes = _checked(input, validator)
    validator.raise_if_invalid()
    save = partial(
        book_service.update_book, id=id, expected_version=input.expected_version, changes=changes, publish=input.publish
    )
    return BookPayload(book=await info.context.run_transaction(save))


@answering(DeletedPayload)
@rate_limited(WRITES)
async def delete_book(info: Info, input: Input[DeleteBookInput]) -> DeletedPayload:
    id = validated_id(BookId, input.id, "id")
    await info.context.run_transaction(partial(book_service.delete_book, id=id))
    return DeletedPayload(deleted_id=strawberry.ID(global_id("Book", id)))


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
        validator.number(input.page_count, 1, MAX_PAGES, "pageCount")
        values["page_count"] = input.page_count
    return values
