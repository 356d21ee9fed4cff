"""Mutations of textbooks."""

import strawberry

from domain.enums import Role
from resolvers.mutations import textbooks as resolve_textbooks
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.jobs import Job
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.textbooks import Textbook
from schema.user_errors import UserError

describe_input(
    resolve_textbooks.GenerateTextbookInput,
    "Input of generateTextbook.",
    title="Title; 1 to 500 characters.",
    jlpt_level="JLPT level.",
    topics=(
        "1 to 20 topics of 1 to 100 characters, in English or Japanese: those of `textbookTopics`, or any if a "
        "language model writes the textbook."
    ),
    number_of_chapters=(
        "Number of chapters, between 1 and 50. The textbook has fewer if the level has too few words about the topics."
    ),
    is_public="Whether the textbook is public.",
    idempotency_key=(
        "Idempotency key; 1 to 100 characters. A second request with the same key returns the result of the first."
    ),
)

describe_input(
    resolve_textbooks.UpdateTextbookInput,
    "Input of updateTextbook. Omitted and null fields are unchanged.",
    id="The textbook.",
    expected_version="The version on which the change is based.",
    title="Title; 1 to 500 characters.",
    description="Description; max 10,000 characters.",
    is_public="Whether the textbook is public.",
)

describe_input(
    resolve_textbooks.DeleteTextbookInput,
    "Input of deleteTextbook.",
    id="The textbook.",
    expected_version="The version on which the change is based; any if omitted.",
)

describe_input(
    resolve_textbooks.RestoreTextbookInput,
    "Input of restoreTextbook.",
    id="The textbook.",
    expected_version="The version on which the change is based; any if omitted.",
)


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
    textbook: Textbook | None = strawberry.field(
        description="The updated textbook; the current one after a version conflict."
    )
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of deleteTextbook.")
class DeleteTextbookPayload(ViewerPayload):
    deleted_id: strawberry.ID | None = strawberry.field(description="The id of the textbook.")
    textbook: Textbook | None = strawberry.field(description="The current textbook after a version conflict.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of restoreTextbook.")
class RestoreTextbookPayload(ViewerPayload):
    textbook: Textbook | None = strawberry.field(
        description="The textbook, with its chapters; the current one after a version conflict."
    )
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
            "Starts the generation of a textbook. Limited to 5 an hour per learner; RATE_LIMITED has `retryAfter`. "
            "Returns LIMIT_REACHED like `createTextbook`."
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
        description=(
            "Deletes a textbook with its chapters. They are purged after 30 days. Returns CONFLICT if "
            "`expectedVersion` is not the current version."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    restore_textbook = strawberry.mutation(
        resolver=resolve_textbooks.restore_textbook,
        graphql_type=RestoreTextbookPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Restores a textbook, with its chapters, within 30 days of its deletion. Returns CONFLICT if "
            "`expectedVersion` is not the current version."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
