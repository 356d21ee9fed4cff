"""The mutations of assignments."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import strawberry

from db.queries.assignments import AssignmentRow
from db.services import assignments as assignment_service
from domain.groups import MAX_DUE, MAX_NOTE
from domain.ids import AssignmentId, BookId, ChapterId, GroupId, TextbookId
from domain.rate_limits import WRITES
from domain.user_errors import UserErrorCode
from domain.validation import Validator, validated_id
from resolvers.context import Info
from resolvers.mutations.payload_base import DeletedPayload, Payload, returns_user_errors
from resolvers.rate_limits import rate_limited

_PATHS = {"textbook_id": "textbookId", "chapter_id": "chapterId", "book_id": "bookId"}


@dataclass(kw_only=True)
class AssignToGroupInput:
    group_id: strawberry.ID
    textbook_id: strawberry.ID | None = None
    chapter_id: strawberry.ID | None = None
    book_id: strawberry.ID | None = None
    due_at: datetime
    note: str = ""


@dataclass(kw_only=True)
class DeleteAssignmentInput:
    id: strawberry.ID


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignToGroupPayload(Payload):
    """The new assignment."""

    assignment: AssignmentRow | None = None


@returns_user_errors(AssignToGroupPayload)
@rate_limited(WRITES)
async def assign_to_group(info: Info, input: AssignToGroupInput) -> AssignToGroupPayload:
    validator, now = Validator(), info.context.now
    group_id = validator.parse_id(GroupId, input.group_id, "groupId")
    note = validator.text(input.note, MAX_NOTE, "note", empty=True)
    textbook_id, chapter_id, book_id = input.textbook_id, input.chapter_id, input.book_id
    content: dict[str, UUID | None] = {
        "textbook_id": validator.parse_id(TextbookId, textbook_id, "textbookId") if textbook_id is not None else None,
        "chapter_id": validator.parse_id(ChapterId, chapter_id, "chapterId") if chapter_id is not None else None,
        "book_id": validator.parse_id(BookId, book_id, "bookId") if book_id is not None else None,
    }
    given = [name for name, id in content.items() if id is not None]
    if len(given) != 1:
        message = "Pass one of textbookId, chapterId and bookId."
        validator.add_error(UserErrorCode.INVALID, message, "textbookId")
    if not now < input.due_at <= now + MAX_DUE:
        message = f"dueAt: {input.due_at.isoformat()} is not in the next two years."
        validator.add_error(UserErrorCode.OUT_OF_RANGE, message, "dueAt")
    validator.raise_if_invalid()
    assign = partial(
        assignment_service.assign,
        group_id=group_id,
        content=content,
        path=_PATHS[given[0]],
        note=note,
        due_at=input.due_at,
    )
    return AssignToGroupPayload(assignment=await info.context.run_transaction(assign))


@returns_user_errors(DeletedPayload)
@rate_limited(WRITES)
async def delete_assignment(info: Info, input: DeleteAssignmentInput) -> DeletedPayload:
    id = validated_id(AssignmentId, input.id, "id")
    await info.context.run_transaction(partial(assignment_service.delete_assignment, id=id))
    return DeletedPayload(deleted_id=input.id)
