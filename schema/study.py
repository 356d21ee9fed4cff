"""Study sessions."""

import datetime

import strawberry

from db.queries.study_limits import StudyLimitsRow
from resolvers import study as resolve_study
from schema import lazy_types as ref
from schema.describe import describe_input
from schema.nodes import is_row

describe_input(
    resolve_study.StudySessionFilter,
    "Filters of a study session.",
    state="Filter by learning state.",
    kinds="Only cards that ask one of these.",
    jlpt_levels="Filter by JLPT level.",
    chapter_id="Only words of this chapter.",
    book_id="Only words of this book.",
    tags="Only cards with one of these 1 to 10 tags.",
    ignore_limits="Whether to show all due and new cards, whatever the limits of the day.",
    cram=(
        "Whether to show all cards of the filter, due or not and whatever the limits, such as before a test. Whether "
        "the answers move the cards is said by `ReviewInput.reschedule`."
    ),
    cram_since=(
        "When cramming began; default the start of the learner's day. Omits cards that were answered right since then; "
        "those that were answered wrong follow the others. Requires `cram`."
    ),
)


@strawberry.type(description="The limits of a day of the learner. `extendTodayLimits` extends those of today.")
class DayLimits:
    is_type_of = is_row(StudyLimitsRow)

    date: datetime.date = strawberry.field(description="The day.")
    ends_at: datetime.datetime = strawberry.field(description="When the next day starts.")
    new_cards: int = strawberry.field(description="Maximum number of new cards of the day, with extensions.")
    reviews: int = strawberry.field(description="Maximum number of reviews of the day, with extensions.")
    new_left: int = strawberry.field(description="Number of new cards that the limit still allows.")
    reviews_left: int = strawberry.field(description="Number of reviews that the limit still allows.")


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
        description=(
            "Number of cards in learning steps that are due now or within `learnAheadMinutes`; in cramming, of cards "
            "that were answered wrong."
        )
    )
    reviews_left: int = strawberry.field(description="Number of due reviews that the limit of the day still allows.")
    limits: DayLimits = strawberry.field(description="The limits of the day, whatever cards there are.")
    next_due_at: datetime.datetime | None = strawberry.field(
        description=(
            "When the session gets its next card: when one becomes due, or when the next day starts if the limits hold"
            " cards back; null if neither will."
        )
    )
