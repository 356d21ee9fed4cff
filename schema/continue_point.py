"""Where the viewer continues."""

import strawberry

from resolvers import continue_point as resolve_continue
from schema import lazy_types as ref
from schema import list_sizes
from schema.nodes import is_row
from schema.study import StudySession


@strawberry.type(description="Where the viewer stopped: in a book, in a textbook, and in the reviews.")
class ContinuePoint:
    is_type_of = is_row(resolve_continue.ContinuePoint)

    book = strawberry.field(
        resolver=resolve_continue.book,
        graphql_type=ref.BookProgress | None,
        description="The unfinished book that was read last, with the page; null if no book is being read.",
    )
    chapter = strawberry.field(
        resolver=resolve_continue.chapter,
        graphql_type=ref.Chapter | None,
        description=(
            "The next unread chapter of the textbook that was read last and has one: the first from the one that was "
            "read last, or else the first before it; null if no chapter was opened, or if none is left."
        ),
    )
    due_cards = strawberry.field(
        resolver=resolve_continue.due_cards,
        graphql_type=int,
        description="Number of cards that are due now, whatever the limits of the day.",
    )
    study_session = strawberry.field(
        resolver=resolve_continue.study_session,
        graphql_type=StudySession,
        description="The cards to study now, as in `Viewer.studySession` without arguments.",
        directives=[list_sizes.NEXT_STUDY_SESSION],
    )
