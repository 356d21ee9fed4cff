"""Reviews: a batch of them is saved, or some are taken back."""

import strawberry

from domain.enums import Role
from resolvers.mutations import reviews as resolve_reviews
from schema import lazy_types as ref
from schema import list_sizes
from schema.dashboard import Dashboard
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError


@strawberry.type(description="What became of one review of a batch.")
class ReviewResult:
    idempotency_key: str = strawberry.field(
        description="The key that was sent; of a longer one the first 200 characters.", directives=[Cost(weight="2")]
    )
    card: ref.Card | None = strawberry.field(description="The card after the whole batch.")
    review: ref.Review | None = strawberry.field(description="The saved review.")
    duplicate: bool = strawberry.field(description="Whether it had been saved before, and was not saved again.")
    error: UserError | None = strawberry.field(description="Why it was not saved.")


@strawberry.type(description="What became of a batch of reviews.")
class ReviewCardsPayload(ViewerPayload):
    results: list[ReviewResult] = strawberry.field(description="One for each review, in the order of the input.")
    dashboard = strawberry.field(
        resolver=resolve_reviews.dashboard,
        graphql_type=Dashboard | None,
        description="The figures after the batch.",
        directives=[NULL_ON_ERROR],
    )
    errors: list[UserError] = strawberry.field(
        description="What is wrong with the batch as a whole; then nothing was saved. "
        "What is wrong with a single review is in its result.",
        directives=[list_sizes.ERRORS],
    )


@strawberry.type(description="What became of undoing reviews.")
class UndoReviewsPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(
        description="The cards as they are without the reviews.", directives=[NULL_ON_ERROR]
    )
    errors: list[UserError] = strawberry.field(description="Why nothing was undone.", directives=[list_sizes.ERRORS])


@strawberry.type
class ReviewMutations:
    review_cards = strawberry.mutation(
        resolver=resolve_reviews.review_cards,
        graphql_type=ReviewCardsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Saves 1 to 1,000 reviews in one transaction, each exactly once, however often it is sent. Reviews "
        "of a card count in the order in which the learner answered, whenever they arrive.",
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.reviews", "results")],
    )
    undo_reviews = strawberry.mutation(
        resolver=resolve_reviews.undo_reviews,
        graphql_type=UndoReviewsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Takes back the newest reviews of cards: all that are named, or none.",
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.reviewIds", "cards")],
    )
