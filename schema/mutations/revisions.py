"""Mutations that revert revisions, for editors."""

import strawberry

from domain.enums import Role
from resolvers.mutations import revisions as resolve_revisions
from schema import list_sizes
from schema.books import Book
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.textbooks import Textbook
from schema.user_errors import UserError

describe_input(
    resolve_revisions.RevertBookRevisionInput,
    "Input of revertBookRevision.",
    revision_id="The revision.",
    expected_version="The version of the book on which the change is based.",
)
describe_input(
    resolve_revisions.RevertTextbookRevisionInput,
    "Input of revertTextbookRevision.",
    revision_id="The revision, of a textbook or a chapter.",
    expected_version="The version of the textbook on which the change is based.",
)


@strawberry.type(description="Result of revertBookRevision.")
class RevertBookRevisionPayload(ViewerPayload):
    book: Book | None = strawberry.field(description="The book; the current one after a version conflict.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of revertTextbookRevision.")
class RevertTextbookRevisionPayload(ViewerPayload):
    textbook: Textbook | None = strawberry.field(description="The textbook; the current one after a version conflict.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


_EFFECT = (
    "the fields that it changed get their values before it, as a new revision. Returns CONFLICT if `expectedVersion` "
    "is not the current version."
)


@strawberry.type
class RevisionMutations:
    revert_book_revision = strawberry.mutation(
        resolver=resolve_revisions.revert_book_revision,
        graphql_type=RevertBookRevisionPayload | None,
        extensions=[requires(Role.EDITOR)],
        description=f"Reverts a revision of a book: {_EFFECT}",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    revert_textbook_revision = strawberry.mutation(
        resolver=resolve_revisions.revert_textbook_revision,
        graphql_type=RevertTextbookRevisionPayload | None,
        extensions=[requires(Role.EDITOR)],
        description=f"Reverts a revision of a textbook or chapter: {_EFFECT}",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
