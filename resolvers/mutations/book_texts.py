"""The mutation that imports the text of a book, for editors."""

from dataclasses import dataclass
from functools import partial

import strawberry

from common.executors import COMPUTING, run_in
from db.queries.jobs import JobRow
from db.services import books as book_service
from domain.annotated_text import AnnotatedText, TextError
from domain.book_text import parse_pages
from domain.enums import BookTextFormat
from domain.ids import BookId
from domain.rate_limits import WRITES
from domain.user_errors import InvalidInput, UserError, UserErrorCode
from domain.validation import Validator
from resolvers.context import Info
from resolvers.mutations.books import BookPayload
from resolvers.mutations.payload_base import returns_user_errors
from resolvers.rate_limits import rate_limited

MAX_TEXT = 200_000


@dataclass(kw_only=True)
class ImportBookTextInput:
    book_id: strawberry.ID
    expected_version: int
    text: str
    format: BookTextFormat = BookTextFormat.AOZORA


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportBookTextPayload(BookPayload):
    """`job`: None if the book has the same text."""

    job: JobRow | None = None


@returns_user_errors(ImportBookTextPayload, current="book")
@rate_limited(WRITES)
async def import_book_text(info: Info, input: ImportBookTextInput) -> ImportBookTextPayload:
    validator = Validator()
    id = validator.parse_id(BookId, input.book_id, "bookId")
    check_length(input.text, MAX_TEXT, validator)
    validator.raise_if_invalid()
    # It takes a tenth of a second for the longest text.
    pages = await run_in(COMPUTING, parse_text, input.text, input.format)
    save = partial(book_service.replace_text, id=id, expected_version=input.expected_version, pages=pages)
    book, job = await info.context.run_transaction(save)
    return ImportBookTextPayload(book=book, job=job)


def check_length(text: str, longest: int, validator: Validator) -> None:
    if len(text) > longest:
        message = f"text has {len(text)} characters; {longest} are allowed."
        validator.add_error(UserErrorCode.TOO_LONG, message, "text")


def parse_text(text: str, format: BookTextFormat) -> list[AnnotatedText]:
    """Raises InvalidInput."""
    try:
        return parse_pages(text, format)
    except TextError as error:
        errors = (UserError(UserErrorCode.INVALID, f"text: {problem}", ("text",)) for problem in error.problems)
        raise InvalidInput(*errors) from None
