"""Mutations of reviews."""

import strawberry

from domain.enums import Role
from resolvers.mutations import reviews as resolve_reviews
from schema import lazy_types as ref
from schema import list_sizes
from schema.dashboard import Dashboard
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

describe_input(
    resolve_reviews.ReviewInput,
    "A review of a card.",
    card_id="The card.",
    quality="Quality of the answer, between 0 (forgotten) and 5 (easy); 3 or more is a success.",
    reviewed_at="Time of the answer; default now. Future times are replaced by the current time.",
    duration_ms="Answer time in milliseconds. Stored as at most 60,000, as in Anki.",
    reschedule=(
        "Whether the answer moves the card's schedule. False only logs it, as in cramming: it counts as a review of "
        "the day, with its time and for the streak, but not for limits, retention and fitted parameters."
    ),
    idempotency_key=(
        "Idempotency key of the review, such as a UUID; 1 to 200 characters. A repeated review is not saved again."
    ),
)

describe_input(
    resolve_reviews.ReviewCardsInput,
    "Input of reviewCards.",
    reviews="1 to 1,000 reviews, in any order.",
)

describe_input(
    resolve_reviews.UndoReviewsInput,
    "Input of undoReviews.",
    review_ids="1 to 1,000 reviews, which must be the newest of their cards.",
)


@strawberry.type(description="Result of one review of a batch.")
class ReviewResult:
    idempotency_key: str = strawberry.field(
        description="The idempotency key, truncated to 200 characters.", directives=[Cost(weight="2")]
    )
    card: ref.Card | None = strawberry.field(description="The card after the batch.")
    review: ref.Review | None = strawberry.field(description="The saved review.")
    duplicate: bool = strawberry.field(description="Whether the review had been saved before.")
    became_leech: bool = strawberry.field(
        description="Whether the batch made the card a leech, or one that is marked again."
    )
    error: UserError | None = strawberry.field(description="User-correctable errors; empty on success.")


@strawberry.type(description="Result of reviewCards.")
class ReviewCardsPayload(ViewerPayload):
    results: list[ReviewResult] = strawberry.field(description="One result for each review, in the order of the input.")
    dashboard = strawberry.field(
        resolver=resolve_reviews.dashboard,
        graphql_type=Dashboard | None,
        description="The dashboard after the batch.",
        directives=[NULL_ON_ERROR],
    )
    errors: list[UserError] = strawberry.field(
        description=(
            "User-correctable errors of the batch; if there are any, nothing was saved. Errors of a single "
            "review are in its result."
        ),
        directives=[list_sizes.ERRORS],
    )


@strawberry.type(description="Result of undoReviews.")
class UndoReviewsPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(description="The cards after the undo.", directives=[NULL_ON_ERROR])
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class ReviewMutations:
    review_cards = strawberry.mutation(
        resolver=resolve_reviews.review_cards,
        graphql_type=ReviewCardsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Saves 1 to 1,000 reviews in one transaction, each exactly once. Reviews of a card are applied "
            "in the order of `reviewedAt`, whatever the order of arrival."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.reviews", "results")],
    )
    undo_reviews = strawberry.mutation(
        resolver=resolve_reviews.undo_reviews,
        graphql_type=UndoReviewsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Undoes the newest reviews of cards, all of the given ones or none.",
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.reviewIds", "cards")],
    )
