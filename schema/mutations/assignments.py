"""The mutations of assignments."""

import strawberry

from domain.enums import Role
from domain.groups import MAX_NOTE
from resolvers.mutations import assignments as resolve_assignments
from schema import list_sizes
from schema.assignments import Assignment
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

describe_input(
    resolve_assignments.AssignToGroupInput,
    "Input of assignToGroup: a textbook, a chapter or a book.",
    group_id="The group.",
    textbook_id="A public textbook.",
    chapter_id="A chapter of a public textbook.",
    book_id="A published book.",
    due_at="When it is due, in the next two years.",
    note=f"A note for the learners; max {MAX_NOTE:,} characters.",
)
describe_input(resolve_assignments.DeleteAssignmentInput, "Input of deleteAssignment.", id="The assignment.")


@strawberry.type(description="Result of assignToGroup.")
class AssignToGroupPayload(ViewerPayload):
    assignment: Assignment | None = strawberry.field(description="The new assignment.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of deleteAssignment.")
class DeleteAssignmentPayload(ViewerPayload):
    deleted_id: strawberry.ID | None = strawberry.field(description="The id of the assignment.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class AssignmentMutations:
    assign_to_group = strawberry.mutation(
        resolver=resolve_assignments.assign_to_group,
        graphql_type=AssignToGroupPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Assigns content to the learners of a group, and notifies them. Teachers only.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    delete_assignment = strawberry.mutation(
        resolver=resolve_assignments.delete_assignment,
        graphql_type=DeleteAssignmentPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Deletes an assignment permanently. Teachers only.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
