"""Mutations that revert revisions, for editors."""

from dataclasses import dataclass
from functools import partial
from typing import NewType
from uuid import UUID

import strawberry

from db.services import revisions as revision_service
from domain.rate_limits import WRITES
from domain.user_errors import errors_at
from domain.validation import validated_id
from resolvers.context import Info
from resolvers.mutations.books import BookPayload
from resolvers.mutations.payload_base import returns_user_errors
from resolvers.mutations.textbooks import TextbookPayload
from resolvers.rate_limits import rate_limited

AuditEntryId = NewType("AuditEntryId", UUID)


@dataclass(kw_only=True)
class RevertBookRevisionInput:
    revision_id: strawberry.ID
    expected_version: int


@dataclass(kw_only=True)
class RevertTextbookRevisionInput:
    revision_id: strawberry.ID
    expected_version: int


@returns_user_errors(BookPayload, current="book")
@rate_limited(WRITES)
async def revert_book_revision(info: Info, input: RevertBookRevisionInput) -> BookPayload:
    id = validated_id(AuditEntryId, input.revision_id, "revisionId")
    revert = partial(revision_service.revert_book, id=id, expected_version=input.expected_version)
    with errors_at("revisionId"):
        return BookPayload(book=await info.context.run_transaction(revert))


@returns_user_errors(TextbookPayload, current="textbook")
@rate_limited(WRITES)
async def revert_textbook_revision(info: Info, input: RevertTextbookRevisionInput) -> TextbookPayload:
    id = validated_id(AuditEntryId, input.revision_id, "revisionId")
    revert = partial(revision_service.revert_textbook, id=id, expected_version=input.expected_version)
    with errors_at("revisionId"):
        return TextbookPayload(textbook=await info.context.run_transaction(revert))
