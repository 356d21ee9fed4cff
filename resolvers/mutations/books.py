"""Mutations of books, for editors."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import strawberry
from strawberry import UNSET

from db.queries.books import BookRow
from db.services import books as book_service
from domain.books import BookValues
from domain.covers import is_stored_cover
from domain.enums import JlptLevel
from domain.ids import BookId, VocabularyId, global_id
from domain.list_sizes import MAX_PAGES_OF_BOOK, MAX_WORDS_TO_LEARN
from domain.rate_limits import WRITES
from domain.user_errors import UserErrorCode
from domain.validation import Validator, validated_id
from jobs.cover_files import CoverFiles
from resolvers.context import Info
from resolvers.mutations.payload_base import DeletedPayload, Payload, returns_user_errors
from resolvers.rate_limits import rate_limited

MIN_YEAR, MAX_DELAY = 1, timedelta(days=3_653)
MAX_TITLE, MAX_AUTHOR, MAX_DESCRIPTION, MAX_ADDRESS = 500, 200, 10_000, 2_000


@dataclass(kw_only=True)
class CreateBookInput:
    title: str
    title_reading: str | None = None
    author: str
    description: str
    jlpt_level: JlptLevel
    cover_url: str | None = None
    page_count: int
    original_year: int | None = None
    publish: bool | None = False
    publish_at: datetime | None = None


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
    original_year: int | None = UNSET
    publish: bool | None = None
    publish_at: datetime | None = UNSET


@dataclass(kw_only=True)
class DeleteBookInput:
    id: strawberry.ID
    expected_version: int | None = None


@dataclass(kw_only=True)
class RestoreBookInput:
    id: strawberry.ID
    expected_version: int


@dataclass(kw_only=True)
class SetBookVocabularyInput:
    book_id: strawberry.ID
    expected_version: int
    vocabulary_ids: list[strawberry.ID]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookPayload(Payload):
    """The updated book."""

    book: BookRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedBookPayload(DeletedPayload):
    """`book`: the current one after a version conflict."""

    book: BookRow | None = None


@returns_user_errors(BookPayload, current="book")
@rate_limited(WRITES)
async def create_book(info: Info, input: CreateBookInput) -> BookPayload:
    validator = Validator()
    values = BookValues(**_checked(input, validator, info.context.now, info.context.services.covers))
    validator.raise_if_invalid()
    return BookPayload(
        book=await info.context.run_transaction(
            partial(book_service.create_book, values=values, publish=bool(input.publish))
        )
    )


@returns_user_errors(BookPayload, current="book")
@rate_limited(WRITES)
async def update_book(info: Info, input: UpdateBookInput) -> BookPayload:
    validator = Validator()
    id = validator.parse_id(BookId, input.id, "id")
    changes = _checked(input, validator, info.context.now, info.context.services.covers)
    validator.raise_if_invalid()
    save = partial(
        book_service.update_book, id=id, expected_version=input.expected_version, changes=changes, publish=input.publish
    )
    return BookPayload(book=await info.context.run_transaction(save))


@returns_user_errors(DeletedBookPayload, current="book")
@rate_limited(WRITES)
async def delete_book(info: Info, input: DeleteBookInput) -> DeletedBookPayload:
    id = validated_id(BookId, input.id, "id")
    delete = partial(book_service.delete_book, id=id, expected_version=input.expected_version)
    await info.context.run_transaction(delete)
    return DeletedBookPayload(deleted_id=strawberry.ID(global_id("Book", id)))


@returns_user_errors(BookPayload, current="book")
@rate_limited(WRITES)
async def restore_book(info: Info, input: RestoreBookInput) -> BookPayload:
    id = validated_id(BookId, input.id, "id")
    restore = partial(book_service.restore_book, id=id, expected_version=input.expected_version)
    return BookPayload(book=await info.context.run_transaction(restore))


@returns_user_errors(BookPayload, current="book")
@rate_limited(WRITES)
async def set_book_vocabulary(info: Info, input: SetBookVocabularyInput) -> BookPayload:
    validator = Validator()
    id = validator.parse_id(BookId, input.book_id, "bookId")
    validator.size(input.vocabulary_ids, MAX_WORDS_TO_LEARN, "vocabularyIds")
    validator.raise_if_invalid()
    words = list(dict.fromkeys(validator.parse_ids(VocabularyId, input.vocabulary_ids, "vocabularyIds")))
    validator.raise_if_invalid()
    save = partial(book_service.set_words, id=id, expected_version=input.expected_version, words=words)
    return BookPayload(book=await info.context.run_transaction(save))


def _checked(
    input: CreateBookInput | UpdateBookInput, validator: Validator, now: datetime, covers: CoverFiles
) -> dict[str, Any]:
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
        stored = covers.path(address)
        if is_stored_cover(stored):
            # Clients send back the URL that they have read.
            values["cover_url"] = stored
        else:
            values["cover_url"] = validator.url(address, MAX_ADDRESS, "coverUrl") if address else None
    if input.page_count is not None:
        validator.number(input.page_count, 1, MAX_PAGES_OF_BOOK, "pageCount")
        values["page_count"] = input.page_count
    if input.original_year is not UNSET:
        if input.original_year is not None:
            validator.number(input.original_year, MIN_YEAR, now.year, "originalYear")
        values["original_year"] = input.original_year
    if input.publish_at is not UNSET:
        if input.publish_at is not None and not now < input.publish_at <= now + MAX_DELAY:
            message = f"publishAt: {input.publish_at.isoformat()} is not in the next ten years."
            validator.add_error(UserErrorCode.OUT_OF_RANGE, message, "publishAt")
        if input.publish_at is not None and input.publish is not None and input.publish:
            validator.add_error(UserErrorCode.INVALID, "publishAt: give either it or publish.", "publishAt")
        values["publish_at"] = input.publish_at
    return values
