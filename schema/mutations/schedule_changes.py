"""Mutations that reset, bury and reschedule cards."""

import strawberry

from domain.enums import Role
from resolvers.mutations import schedule_changes as resolve_changes
from schema import lazy_types as ref
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

_CARDS = "1 to 1,000 cards."
_TIME = "Time of the change; default now. Future times are replaced by the current time."
_KEY = "Idempotency key of the change, such as a UUID; 1 to 200 characters. A repeated change is not saved again."

describe_input(
    resolve_changes.ResetCardsInput,
    "Input of resetCards.",
    card_ids=_CARDS,
    changed_at=_TIME,
    idempotency_key=_KEY,
)

describe_input(
    resolve_changes.BuryCardsInput,
    "Input of buryCards.",
    card_ids=_CARDS,
    changed_at=_TIME,
    idempotency_key=_KEY,
)

describe_input(
    resolve_changes.UnburyCardsInput,
    "Input of unburyCards.",
    card_ids=_CARDS,
    changed_at=_TIME,
    idempotency_key=_KEY,
)

describe_input(
    resolve_changes.RescheduleCardsInput,
    "Input of rescheduleCards.",
    card_ids=_CARDS,
    days="Number of days, between 1 and 365; the first is the day of the change.",
    changed_at=_TIME,
    idempotency_key=_KEY,
)

describe_input(
    resolve_changes.UndoScheduleChangeInput,
    "Input of undoScheduleChange.",
    idempotency_key="The idempotency key of the change.",
)


@strawberry.type(description="Result of resetCards.")
class ResetCardsPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(description="The new cards.", directives=[NULL_ON_ERROR])
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of buryCards.")
class BuryCardsPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(description="The buried cards.", directives=[NULL_ON_ERROR])
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of unburyCards.")
class UnburyCardsPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(description="The cards.", directives=[NULL_ON_ERROR])
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of rescheduleCards.")
class RescheduleCardsPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(description="The cards.", directives=[NULL_ON_ERROR])
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of undoScheduleChange.")
class UndoScheduleChangePayload(ViewerPayload):
    card_ids: list[strawberry.ID] | None = strawberry.field(
        description="The ids of the cards of the change, which are as if it had never been made.",
        directives=[NULL_ON_ERROR, list_sizes.CHANGED_CARDS],
    )
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class ScheduleChangeMutations:
    reset_cards = strawberry.mutation(
        resolver=resolve_changes.reset_cards,
        graphql_type=ResetCardsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Makes cards new again, all of the given ones or none. `lapses` and reviews remain.",
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.cardIds", "cards")],
    )
    bury_cards = strawberry.mutation(
        resolver=resolve_changes.bury_cards,
        graphql_type=BuryCardsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Hides cards until the learner's next day, all of the given ones or none. Cards that are due later remain "
            "so."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.cardIds", "cards")],
    )
    unbury_cards = strawberry.mutation(
        resolver=resolve_changes.unbury_cards,
        graphql_type=UnburyCardsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Shows buried cards again, all of the given ones or none. Other cards remain as they are.",
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.cardIds", "cards")],
    )
    reschedule_cards = strawberry.mutation(
        resolver=resolve_changes.reschedule_cards,
        graphql_type=RescheduleCardsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Spreads the cards in review that are due today or overdue evenly over days, those first that are overdue "
            "by the largest share of their intervals. Other cards remain as they are."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.cardIds", "cards")],
    )
    undo_schedule_change = strawberry.mutation(
        resolver=resolve_changes.undo_schedule_change,
        graphql_type=UndoScheduleChangePayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Undoes a change by `resetCards`, `buryCards`, `unburyCards` or `rescheduleCards`. Later reviews remain."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="1000")],
    )
