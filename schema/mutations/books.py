"""Mutations of books, for editors."""

import strawberry

from domain.enums import Role
from resolvers.mutations import books as resolve_books
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
    original_year="Year of first publication.",
    publish="Whether the book is published immediately.",
    publish_at="When the book is published, in the next ten years; not together with `publish`.",
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
    original_year="Year of first publication. Null removes it.",
    publish="Whether learners see the book. It ends a schedule.",
    publish_at="When an unpublished book is published, in the next ten years. Null ends the schedule.",
)

describe_input(
    resolve_books.DeleteBookInput,
    "Input of deleteBook.",
    id="The book.",
    expected_version="The version on which the change is based; any if omitted.",
)

describe_input(
    resolve_books.RestoreBookInput,
    "Input of restoreBook.",
    id="The book.",
    expected_version="The version on which the change is based.",
)

describe_input(
    resolve_books.SetBookVocabularyInput,
    "Input of setBookVocabulary.",
    book_id="The book.",
    expected_version="The version on which the change is based.",
    vocabulary_ids="The words in their order; 1 to 1,000.",
)


@strawberry.type(description="Result of createBook.")
class CreateBookPayload(ViewerPayload):
    book: Book | None = strawberry.field(description="The new book.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of updateBook.")
class UpdateBookPayload(ViewerPayload):
    book: Book | None = strawberry.field(description="The updated book; the current one after a version conflict.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of restoreBook.")
class RestoreBookPayload(ViewerPayload):
    book: Book | None = strawberry.field(description="The restored book; the current one after a version conflict.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of setBookVocabulary.")
class SetBookVocabularyPayload(ViewerPayload):
    book: Book | None = strawberry.field(description="The updated book; the current one after a version conflict.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of deleteBook.")
class DeleteBookPayload(ViewerPayload):
    deleted_id: strawberry.ID | None = strawberry.field(description="The id of the book.")
    book: Book | None = strawberry.field(description="The current book after a version conflict.")
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
        description=(
            "Deletes a book. It is purged after 30 days, and can be restored until then. Returns CONFLICT if "
            "`expectedVersion` is not the current version."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    restore_book = strawberry.mutation(
        resolver=resolve_books.restore_book,
        graphql_type=RestoreBookPayload | None,
        extensions=[requires(Role.EDITOR)],
        description=(
            "Restores a book within 30 days of its deletion. Returns CONFLICT if `expectedVersion` is not the current "
            "version."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    set_book_vocabulary = strawberry.mutation(
        resolver=resolve_books.set_book_vocabulary,
        graphql_type=SetBookVocabularyPayload | None,
        extensions=[requires(Role.EDITOR)],
        description=(
            "Replaces the words of a book without text. Returns CONFLICT if `expectedVersion` is not the current "
            "version."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
