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


@strawberry.type(description="What became of asking for a textbook.")
class GenerateTextbookPayload(ViewerPayload):
    textbook: Textbook | None = strawberry.field(description="The textbook, whose chapters appear one by one.")
    job: Job | None = strawberry.field(description="The job that writes them. `jobStatus` watches it.")
    errors: list[UserError] = strawberry.field(description="Why none is generated.", directives=[list_sizes.ERRORS])


@strawberry.type(description="What became of changing a textbook.")
class UpdateTextbookPayload(ViewerPayload):
    textbook: Textbook | None = strawberry.field(description="The textbook as it is now.")
    errors: list[UserError] = strawberry.field(description="Why it was not changed.", directives=[list_sizes.ERRORS])


@strawberry.type(description="What became of deleting a textbook.")
class DeleteTextbookPayload(ViewerPayload):
    deleted_id: strawberry.ID | None = strawberry.field(description="The id of the textbook.")
    errors: list[UserError] = strawberry.field(description="Why it was not deleted.", directives=[list_sizes.ERRORS])


@strawberry.type(description="What became of restoring a textbook.")
class RestoreTextbookPayload(ViewerPayload):
    textbook: Textbook | None = strawberry.field(description="The textbook, with its chapters.")
    errors: list[UserError] = strawberry.field(description="Why it was not restored.", directives=[list_sizes.ERRORS])


@strawberry.type
class TextbookMutations:
    generate_textbook = strawberry.mutation(
        resolver=resolve_textbooks.generate_textbook,
        graphql_type=GenerateTextbookPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Asks for a textbook, and answers at once. At most 5 an hour for a learner: RATE_LIMITED says when "
        "to try again.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    update_textbook = strawberry.mutation(
        resolver=resolve_textbooks.update_textbook,
        graphql_type=UpdateTextbookPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Changes a textbook of one's own; editors change public ones. CONFLICT where it is there in "
        "another version than the one that was read.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    delete_textbook = strawberry.mutation(
        resolver=resolve_textbooks.delete_textbook,
        graphql_type=DeleteTextbookPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Takes a textbook and its chapters away. They are gone for good after 30 days.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    restore_textbook = strawberry.mutation(
        resolver=resolve_textbooks.restore_textbook,
        graphql_type=RestoreTextbookPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Brings back a textbook that was deleted less than 30 days ago, and its chapters.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
