"""The mutation that uploads the cover of a book, for editors."""

import strawberry

from domain.enums import Role
from resolvers.mutations import covers as resolve_covers
from schema import list_sizes
from schema.books import Book
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

describe_input(
    resolve_covers.CoverFileInput,
    "An image: PNG, JPEG or WebP of at most 1 MiB, 32 to 4,096 pixels wide and high.",
    one_of=True,
    upload_id="A complete upload: the URL in the header Location of its creation, or the last part of it.",
    file="The file itself, in a request as multipart/form-data.",
)
describe_input(
    resolve_covers.SetBookCoverInput,
    "Input of setBookCover.",
    book_id="The book.",
    expected_version="The version on which the change is based.",
    image="The image.",
)


@strawberry.type(description="Result of setBookCover.")
class SetBookCoverPayload(ViewerPayload):
    book: Book | None = strawberry.field(
        description="The book with its cover; the current one after a version conflict."
    )
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class CoverMutations:
    set_book_cover = strawberry.mutation(
        resolver=resolve_covers.set_book_cover,
        graphql_type=SetBookCoverPayload | None,
        extensions=[requires(Role.EDITOR)],
        description=(
            "Uploads the cover of a book, which replaces the former one; updateBook removes it. Returns CONFLICT if "
            "`expectedVersion` is not the current version."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
