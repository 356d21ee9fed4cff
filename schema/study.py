"""Study sessions."""

from datetime import datetime

import strawberry

from resolvers import study as resolve_study
from schema import lazy_types as ref
from schema.describe import describe_input
from schema.nodes import is_row

describe_input(
    resolve_study.StudySessionFilter,
    "Filters of a study session.",
    state="Filter by learning state.",
    jlpt_levels="Filter by JLPT level.",
    chapter_id="Only words of this chapter.",
    book_id="Only words of this book.",
    ignore_limits="Whether to show all due and new cards, whatever the limits of the day.",
)


@strawberry.type(
    description=(
        "The cards to study now: cards in learning steps whose time has come, then reviews with new cards among them,"
        " and at the end the cards in learning steps that are due within `learnAheadMinutes`."
    )
)
class StudySession:
    is_type_of = is_row(resolve_study.StudySession)

    cards: list[ref.Card] = strawberry.field(description="The first cards, in the order to study them.")
    new_left: int = strawberry.field(description="Number of new cards that the limit of the day still allows.")
    learning_left: int = strawberry.field(
        description="Number of cards in learning steps that are due now or within `learnAheadMinutes`."
    )
    reviews_left: int = strawberry.field(description="Number of due reviews that the limit of the day still allows.")
    next_due_at: datetime | None = strawberry.field(
        description=(
            "When the session gets its next card: when one becomes due, or when the next day starts if the limits hold"
            " cards back; null if neither will."
        )
    )
