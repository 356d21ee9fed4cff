"""Mutations that delete and restore cards."""

import strawberry

from domain.enums import Role
from resolvers.mutations import card_deletion as resolve_deletion
from schema import lazy_types as ref
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

describe_input(resolve_deletion.DeleteCardsInput, "Input of deleteCards.", card_ids="1 to 1,000 cards.")

describe_input(resolve_deletion.RestoreCardsInput, "Input of restoreCards.", card_ids="1 to 1,000 cards.")


@strawberry.type(description="Result of deleteCards.")
class DeleteCardsPayload(ViewerPayload):
    deleted_ids: list[strawberry.ID] | None = strawberry.field(
        description="The ids of the cards.", directives=[NULL_ON_ERROR]
    )
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of restoreCards.")
class RestoreCardsPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(
        description="The cards, as if they had never been deleted.", directives=[NULL_ON_ERROR]
    )
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class CardDeletionMutations:
    delete_cards = strawberry.mutation(
        resolver=resolve_deletion.delete_cards,
        graphql_type=DeleteCardsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Deletes cards, all of the given ones or none. They can be restored for 30 days; then they are purged with "
            "their reviews."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.cardIds", "deletedIds")],
    )
    restore_cards = strawberry.mutation(
        resolver=resolve_deletion.restore_cards,
        graphql_type=RestoreCardsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Restores deleted cards with their reviews, all of the given ones or none.",
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.cardIds", "cards")],
    )
