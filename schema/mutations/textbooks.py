"""Textbooks are edited, deleted and restored."""

import strawberry

from domain.enums import Role
from resolvers.mutations import textbooks as resolve_textbooks
from schema import list_sizes
from schema.directives import NULL_ON_ERROR, Cost
from schema.jobs import Job
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.textbooks import Textbook
from schema.user_errors import UserError


@strawberry.type(description="Result of generateTextbook.")
class GenerateTextbookPayload(ViewerPayload):
    textbook: Textbook | None = strawberry.field(description="The textbook; its chapters are added one by one.")
    job: Job | None = strawberry.field(
        description="The job that writes the chapters. Subscribe to `jobStatus` to follow it."
    )
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of updateTextbook.")
class UpdateTextbookPayload(ViewerPayload):
    textbook: Textbook | None = strawberry.field(description="The updated textbook.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of deleteTextbook.")
class DeleteTextbookPayload(ViewerPayload):
    deleted_id: strawberry.ID | None = strawberry.field(description="The id of the textbook.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of restoreTextbook.")
class RestoreTextbookPayload(ViewerPayload):
    textbook: Textbook | None = strawberry.field(description="The textbook, with its chapters.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class TextbookMutations:
    generate_textbook = strawberry.mutation(
        resolver=resolve_textbooks.generate_textbook,
        graphql_type=GenerateTextbookPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Starts the generation of a textbook. Limited to 5 an hour per learner; RATE_LIMITED has `retryAfter`."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    update_textbook = strawberry.mutation(
        resolver=resolve_textbooks.update_textbook,
        graphql_type=UpdateTextbookPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Updates one of the viewer's textbooks; editors can update public ones. Returns CONFLICT if "
            "`expectedVersion` is not the current version."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    delete_textbook = strawberry.mutation(
        resolver=resolve_textbooks.delete_textbook,
        graphql_type=DeleteTextbookPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Deletes a textbook with its chapters. They are purged after 30 days.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    restore_textbook = strawberry.mutation(
        resolver=resolve_textbooks.restore_textbook,
        graphql_type=RestoreTextbookPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Restores a textbook, with its chapters, within 30 days of its deletion.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
