"""Mutations of reading progress."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import strawberry

from db.queries.books import BookRow
from db.queries.reading import BookProgressRow
from db.services import reading as reading_service
from domain.ids import BookId
from domain.rate_limits import WRITES
from domain.validation import Validator
from resolvers.context import Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited


@dataclass(kw_only=True)
class UpdateReadingProgressInput:
    book_id: strawberry.ID
    current_page: int
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReadingProgressPayload(Payload):
    """The updated progress."""

    progress: BookProgressRow | None = None
    book: BookRow | None = None


@returns_user_errors(UpdateReadingProgressPayload)
@rate_limited(WRITES)
async def update_reading_progress(info: Info, input: UpdateReadingProgressInput) -> UpdateReadingProgressPayload:
    validator = Validator()
    book_id = validator.parse_id(BookId, input.book_id, "bookId")
    validator.timestamp(input.read_at, "readAt")
    validator.raise_if_invalid()
    await info.context.run_transaction(
        partial(reading_service.save_progress, book_id=book_id, page=input.current_page, read_at=input.read_at)
    )
    loaders = info.context.loaders.books
    return UpdateReadingProgressPayload(
        progress=await loaders.progress_by_book_id.load(book_id), book=await loaders.book_by_id.load(book_id)
    )
