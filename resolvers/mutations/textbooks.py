"""Textbooks are edited, deleted and restored."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import strawberry

from db.queries.textbooks import TextbookRow
from db.writes.textbooks import delete_textbook as save_deletion
from db.writes.textbooks import restore_textbook as save_restoration
from db.writes.textbooks import update_textbook as save_textbook
from domain.ids import global_id
from domain.user_errors import Checks, checked_id
from resolvers.context import Info
from resolvers.mutations.payloads import DeletedPayload, Input, Payload, answering

MAX_TITLE, MAX_DESCRIPTION = 500, 10_000


@strawberry.input(description="Changes of a textbook. What is left out, or null, stays as it is.")
class UpdateTextbookInput:
    id: strawberry.ID = strawberry.field(description="The textbook.")
    expected_version: int = strawberry.field(description="The version that was read.")
    title: str | None = strawberry.field(default=None, description="1 to 500 characters.")
    description: str | None = strawberry.field(default=None, description="What it teaches: up to 10,000 characters.")
    is_public: bool | None = strawberry.field(default=None, description="Whether everybody sees it.")


@strawberry.input(description="A textbook to delete.")
class DeleteTextbookInput:
    id: strawberry.ID = strawberry.field(description="The textbook.")


@strawberry.input(description="A textbook to take back from deletion.")
class RestoreTextbookInput:
    id: strawberry.ID = strawberry.field(description="The textbook.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextbookPayload(Payload):
    """The textbook as it is now."""

    textbook: TextbookRow | None = None


@answering(TextbookPayload)
async def update_textbook(info: Info, input: Input[UpdateTextbookInput]) -> TextbookPayload:
    checks = Checks()
    id = checks.id_of("Textbook", input.id, "id")
    changes: dict[str, Any] = {}
    if input.title is not None:
        changes["title"] = checks.text(input.title, MAX_TITLE, "title")
    if input.description is not None:
        changes["description"] = checks.text(input.description, MAX_DESCRIPTION, "description", empty=True)
    if input.is_public is not None:
        changes["is_public"] = input.is_public
    checks.passed()
    save = partial(save_textbook, id=id, expected_version=input.expected_version, changes=changes)
    return TextbookPayload(textbook=await info.context.write(save))


@answering(DeletedPayload)
async def delete_textbook(info: Info, input: Input[DeleteTextbookInput]) -> DeletedPayload:
    id = checked_id("Textbook", input.id, "id")
    await info.context.write(partial(save_deletion, id=id))
    return DeletedPayload(deleted_id=strawberry.ID(global_id("Textbook", id)))


@answering(TextbookPayload)
async def restore_textbook(info: Info, input: Input[RestoreTextbookInput]) -> TextbookPayload:
    id = checked_id("Textbook", input.id, "id")
    return TextbookPayload(textbook=await info.context.write(partial(save_restoration, id=id)))
