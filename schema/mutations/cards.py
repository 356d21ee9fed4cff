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


@strawberry.type(description="What became of making cards.")
class CreateCardsPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(
        description="The cards of the words, those that were there before too.", directives=[NULL_ON_ERROR]
    )
    created_count: int = strawberry.field(description="How many of them are new.")
    errors: list[UserError] = strawberry.field(description="Why no card was made.", directives=[list_sizes.ERRORS])


@strawberry.type(description="What became of suspending cards.")
class SetCardsSuspendedPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(
        description="The cards as they are now.", directives=[NULL_ON_ERROR]
    )
    errors: list[UserError] = strawberry.field(description="Why no card was changed.", directives=[list_sizes.ERRORS])


@strawberry.type
class CardMutations:
    create_cards = strawberry.mutation(
        resolver=resolve_cards.create_cards,
        graphql_type=CreateCardsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Makes cards for words, due at once. A word that has one keeps it.",
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.CREATED_CARDS],
    )
    set_cards_suspended = strawberry.mutation(
        resolver=resolve_cards.set_cards_suspended,
        graphql_type=SetCardsSuspendedPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Leaves cards out of reviews, or takes them back in: all that are named, or none.",
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.cardIds", "cards")],
    )
