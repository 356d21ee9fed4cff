"""Cards are made and suspended."""

import strawberry

from domain.enums import Role
from resolvers.mutations import cards as resolve_cards
from schema import lazy_types as ref
from schema import list_sizes
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError


@strawberry.type(description="Result of createCards.")
class CreateCardsPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(
        description="The cards of the words, including existing ones.", directives=[NULL_ON_ERROR]
    )
    created_count: int = strawberry.field(description="Number of new learners.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of setCardsSuspended.")
class SetCardsSuspendedPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(description="The updated cards.", directives=[NULL_ON_ERROR])
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class CardMutations:
    create_cards = strawberry.mutation(
        resolver=resolve_cards.create_cards,
        graphql_type=CreateCardsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Creates cards, which are due immediately. Words with a card are skipped.",
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.CREATED_CARDS],
    )
    set_cards_suspended = strawberry.mutation(
        resolver=resolve_cards.set_cards_suspended,
        graphql_type=SetCardsSuspendedPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Suspends or resumes cards, all of the given ones or none.",
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.cardIds", "cards")],
    )
