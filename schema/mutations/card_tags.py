"""Mutations of flags and tags of cards."""

import strawberry

from domain.enums import Role
from resolvers.mutations import card_tags as resolve_tags
from schema import lazy_types as ref
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

describe_input(
    resolve_tags.FlagCardsInput,
    "Input of flagCards.",
    card_ids="1 to 1,000 cards.",
    flag="A color between 1 and 7, or 0 for none.",
)

describe_input(
    resolve_tags.TagCardsInput,
    "Input of tagCards.",
    card_ids="1 to 1,000 cards.",
    tags="1 to 10 tags of at most 50 characters. Compatibility characters are replaced (NFKC).",
)

describe_input(
    resolve_tags.UntagCardsInput,
    "Input of untagCards.",
    card_ids="1 to 1,000 cards.",
    tags="1 to 10 tags.",
)


@strawberry.type(description="Result of flagCards.")
class FlagCardsPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(description="The flagged cards.", directives=[NULL_ON_ERROR])
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of tagCards.")
class TagCardsPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(description="The tagged cards.", directives=[NULL_ON_ERROR])
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of untagCards.")
class UntagCardsPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(description="The cards.", directives=[NULL_ON_ERROR])
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class CardTagMutations:
    flag_cards = strawberry.mutation(
        resolver=resolve_tags.flag_cards,
        graphql_type=FlagCardsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Flags cards, all of the given ones or none.",
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.cardIds", "cards")],
    )
    tag_cards = strawberry.mutation(
        resolver=resolve_tags.tag_cards,
        graphql_type=TagCardsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Adds tags to cards, to all of the given ones or to none. A card has up to 10 tags, and a learner up to "
            "1,000; more return LIMIT_REACHED."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.cardIds", "cards")],
    )
    untag_cards = strawberry.mutation(
        resolver=resolve_tags.untag_cards,
        graphql_type=UntagCardsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Removes tags from cards, from all of the given ones or from none.",
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.cardIds", "cards")],
    )
