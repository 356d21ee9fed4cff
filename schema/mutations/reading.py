"""The mutation of reading progress."""

import strawberry

from domain.enums import Role
from resolvers.mutations import reading as resolve_reading
from schema import list_sizes
from schema.books import Book, BookProgress
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

describe_input(
    resolve_reading.UpdateReadingProgressInput,
    "Input of updateReadingProgress.",
    book_id="The book.",
    current_page="Last page read, between 0 and `pageCount`. The last page finishes the book.",
    read_at="Time of reading; default now. An earlier time does not replace newer progress.",
)


@strawberry.type(description="Result of updateReadingProgress.")
class UpdateReadingProgressPayload(ViewerPayload):
    progress: BookProgress | None = strawberry.field(description="The updated progress.")
    book: Book | None = strawberry.field(description="The book.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class ReadingMutations:
    update_reading_progress = strawberry.mutation(
        resolver=resolve_reading.update_reading_progress,
        graphql_type=UpdateReadingProgressPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Saves the viewer's reading progress. The last page finishes the book, which stays finished afterwards."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
