"""How far a learner has read is written down."""

import strawberry

from domain.enums import Role
from resolvers.mutations import reading as resolve_reading
from schema import list_sizes
from schema.books import Book, BookProgress
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError


@strawberry.type(description="What became of writing down a page.")
class UpdateReadingProgressPayload(ViewerPayload):
    progress: BookProgress | None = strawberry.field(description="The viewer's place in the book now.")
    book: Book | None = strawberry.field(description="The book.")
    errors: list[UserError] = strawberry.field(
        description="Why nothing was written down.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class ReadingMutations:
    update_reading_progress = strawberry.mutation(
        resolver=resolve_reading.update_reading_progress,
        graphql_type=UpdateReadingProgressPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Writes down how far the viewer has read a book. Its last page finishes it, and it stays "
        "finished wherever the viewer turns to.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
