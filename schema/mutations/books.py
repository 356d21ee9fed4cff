"""Mutations of books, for editors."""

import strawberry

from domain.enums import Role
from resolvers.mutations import books as resolve_books
from schema import lazy_types as ref
from schema import list_sizes
from schema.books import Book
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

describe_input(
    resolve_books.CreateBookInput,
    "Input of createBook.",
    title="Title in Japanese; 1 to 500 characters.",
    title_reading="Title in hiragana; max 500 characters.",
    author="Author; 1 to 200 characters.",
    description="Description in English; 1 to 10,000 characters.",
    jlpt_level="JLPT level of the text.",
    cover_url="HTTP or HTTPS URL of the cover image.",
    page_count="Number of pages, between 1 and 100,000.",
    publish="Whether the book is published immediately.",
)

describe_input(
    resolve_books.UpdateBookInput,
    "Input of updateBook. Omitted and null fields are unchanged.",
    id="The book.",
    expected_version="The version on which the change is based.",
    title="Title in Japanese; 1 to 500 characters.",
    title_reading="Title in hiragana; max 500 characters. Null removes it.",
    author="Author; 1 to 200 characters.",
    description="Description in English; 1 to 10,000 characters.",
    jlpt_level="JLPT level of the text.",
    cover_url="HTTP or HTTPS URL of the cover image. Null removes it.",
    page_count="Number of pages, between 1 and 100,000.",
    publish="Whether learners see the book.",
)

describe_input(
    resolve_books.ImportBookTextInput,
    "Input of importBookText.",
    book_id="The book.",
    expected_version="The version on which the change is based.",
    text="The text; max 200,000 characters. A header and a footer as in Aozora Bunko's files are removed.",
    format="How marks in the text are read.",
)

describe_input(
    resolve_books.DeleteBookInput,
    "Input of deleteBook.",
    id="The book.",
)


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


@strawberry.type(description="Result of importBookText.")
class ImportBookTextPayload(ViewerPayload):
    book: Book | None = strawberry.field(description="The book with its text.")
    job: ref.Job | None = strawberry.field(
        description="The job that finds the words of the text; null if the text is the same, whose words are known."
    )
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors, with the lines of the text; empty on success.",
        directives=[list_sizes.ERRORS],
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
    import_book_text = strawberry.mutation(
        resolver=resolve_books.import_book_text,
        graphql_type=ImportBookTextPayload | None,
        extensions=[requires(Role.EDITOR)],
        description=(
            "Replaces the text of a book, split into pages, which changes `pageCount`. A job finds its words; until "
            "then `vocabulary` is empty and `coverage` is null. "
            "Returns CONFLICT if `expectedVersion` is not the current version."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="1000")],
    )
    delete_book = strawberry.mutation(
        resolver=resolve_books.delete_book,
        graphql_type=DeleteBookPayload | None,
        extensions=[requires(Role.EDITOR)],
        description="Deletes a book. It is purged after 30 days.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
