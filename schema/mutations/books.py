"""Editors write books."""

import strawberry

from domain.enums import Role
from resolvers.mutations import books as resolve_books
from schema import list_sizes
from schema.books import Book
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError


@strawberry.type(description="Result of createBook.")
class CreateBookPayload(ViewerPayload):
    book: Book | None = strawberry.field(description="The new book.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of updateBook.")
class UpdateBookPayload(ViewerPayload):
    book: Book | None = strawberry.field(description="The updated book.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of deleteBook.")
class DeleteBookPayload(ViewerPayload):
    deleted_id: strawberry.ID | None = strawberry.field(description="The id of the book.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class BookMutations:
    create_book = strawberry.mutation(
        resolver=resolve_books.create_book,
        graphql_type=CreateBookPayload | None,
        extensions=[requires(Role.EDITOR)],
        description="Creates a book.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    update_book = strawberry.mutation(
        resolver=resolve_books.update_book,
        graphql_type=UpdateBookPayload | None,
        extensions=[requires(Role.EDITOR)],
        description="Updates a book. Returns CONFLICT if `expectedVersion` is not the current version.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    delete_book = strawberry.mutation(
        resolver=resolve_books.delete_book,
        graphql_type=DeleteBookPayload | None,
        extensions=[requires(Role.EDITOR)],
        description="Deletes a book. It is purged after 30 days.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
