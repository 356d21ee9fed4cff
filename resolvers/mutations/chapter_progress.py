"""The mutation of the progress in a chapter."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import strawberry

from db.queries.textbooks import ChapterRow
from db.services import chapter_progress as progress_service
from domain.ids import ChapterId
from domain.rate_limits import WRITES
from domain.validation import Validator
from resolvers.context import Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited


@dataclass(kw_only=True)
class UpdateChapterProgressInput:
    chapter_id: strawberry.ID
    is_read: bool
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateChapterProgressPayload(Payload):
    """The chapter, whose progress is loaded again."""

    chapter: ChapterRow | None = None


@returns_user_errors(UpdateChapterProgressPayload)
@rate_limited(WRITES)
async def update_chapter_progress(info: Info, input: UpdateChapterProgressInput) -> UpdateChapterProgressPayload:
    validator = Validator()
    chapter_id = validator.parse_id(ChapterId, input.chapter_id, "chapterId")
    validator.timestamp(input.read_at, "readAt")
    validator.raise_if_invalid()
    save = partial(progress_service.save_progress, chapter_id=chapter_id, is_read=input.is_read, read_at=input.read_at)
    await info.context.run_transaction(save)
    return UpdateChapterProgressPayload(chapter=await info.context.loaders.textbooks.chapter_by_id.load(chapter_id))
