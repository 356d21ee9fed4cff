"""Mutations of the texts and pages of books, for editors."""

import strawberry

from domain.enums import Role
from resolvers.mutations import book_pages as resolve_pages
from resolvers.mutations import book_texts as resolve_texts
from schema import lazy_types as ref
from schema import list_sizes
from schema.books import Book
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

_BOOK, _VERSION = "The book.", "The version on which the change is based."
_PAGE = "The text, at most 600 characters and 200 readings; max 10,000 characters with the marks of readings."
_FORMAT = "How marks in the text are read."
_CONFLICT = "Returns CONFLICT if `expectedVersion` is not the current version."
_JOB = "A job finds the words of the book again; until then `vocabulary` is empty."

describe_input(
    resolve_texts.ImportBookTextInput,
    "Input of importBookText.",
    book_id=_BOOK,
    expected_version=_VERSION,
    text="The text; max 200,000 characters. A header and a footer as in Aozora Bunko's files are removed.",
    format=_FORMAT,
)
describe_input(
    resolve_pages.UpdateBookPageInput,
    "Input of updateBookPage.",
    book_id=_BOOK,
    expected_version=_VERSION,
    number="Number of the page, from 1.",
    text=_PAGE,
    format=_FORMAT,
)
describe_input(
    resolve_pages.InsertBookPageInput,
    "Input of insertBookPage.",
    book_id=_BOOK,
    expected_version=_VERSION,
    number="Number that the new page gets, from 1; that after the last one to append it.",
    text=_PAGE,
    format=_FORMAT,
)
describe_input(
    resolve_pages.MoveBookPageInput,
    "Input of moveBookPage.",
    book_id=_BOOK,
    expected_version=_VERSION,
    number="Number of the page, from 1.",
    to_number="Number that the page gets, from 1.",
)
describe_input(
    resolve_pages.DeleteBookPageInput,
    "Input of deleteBookPage.",
    book_id=_BOOK,
    expected_version=_VERSION,
    number="Number of the page, from 1.",
)


@strawberry.type
class _BookTextPayload(ViewerPayload):
    book: Book | None = strawberry.field(
        description="The book with its text; the current one after a version conflict."
    )
    job: ref.Job | None = strawberry.field(
        description="The job that finds the words of the text; null if the text is the same, whose words are known."
    )
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors, with the lines of the text; empty on success.",
        directives=[list_sizes.ERRORS],
    )


@strawberry.type(description="Result of importBookText.")
class ImportBookTextPayload(_BookTextPayload):
    pass


@strawberry.type(description="Result of updateBookPage.")
class UpdateBookPagePayload(_BookTextPayload):
    pass


@strawberry.type(description="Result of insertBookPage.")
class InsertBookPagePayload(_BookTextPayload):
    pass


@strawberry.type(description="Result of moveBookPage.")
class MoveBookPagePayload(_BookTextPayload):
    pass


@strawberry.type(description="Result of deleteBookPage.")
class DeleteBookPagePayload(_BookTextPayload):
    pass


@strawberry.type
class BookPageMutations:
    import_book_text = strawberry.mutation(
        resolver=resolve_texts.import_book_text,
        graphql_type=ImportBookTextPayload | None,
        extensions=[requires(Role.EDITOR)],
        description=(
            "Replaces the text of a book, split into pages, which changes `pageCount`. A job finds its words; until "
            f"then `vocabulary` is empty and `coverage` is null. {_CONFLICT}"
        ),
        directives=[NULL_ON_ERROR, Cost(weight="1000")],
    )
    update_book_page = strawberry.mutation(
        resolver=resolve_pages.update_book_page,
        graphql_type=UpdateBookPagePayload | None,
        extensions=[requires(Role.EDITOR)],
        description=f"Replaces the text of one page. {_JOB} {_CONFLICT}",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    insert_book_page = strawberry.mutation(
        resolver=resolve_pages.insert_book_page,
        graphql_type=InsertBookPagePayload | None,
        extensions=[requires(Role.EDITOR)],
        description=f"Inserts a page into the text of a book. {_JOB} {_CONFLICT}",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    move_book_page = strawberry.mutation(
        resolver=resolve_pages.move_book_page,
        graphql_type=MoveBookPagePayload | None,
        extensions=[requires(Role.EDITOR)],
        description=f"Moves a page of the text of a book. {_JOB} {_CONFLICT}",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    delete_book_page = strawberry.mutation(
        resolver=resolve_pages.delete_book_page,
        graphql_type=DeleteBookPagePayload | None,
        extensions=[requires(Role.EDITOR)],
        description=f"Deletes a page, except the only one, of the text of a book. {_JOB} {_CONFLICT}",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
