"""Mutations of reviews: save a batch, undo reviews."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import strawberry

from db.services import reviews as review_service
from db.services import undo as undo_service
from db.services.reviews import ReviewResult
from domain.errors import BadUserInput
from domain.ids import CardId, ReviewId, parse_global_id_as
from domain.rate_limits import REVIEWS
from domain.reviews import SubmittedReview
from domain.text import is_plain_line
from domain.timestamps import MIN_TIMESTAMP
from domain.user_errors import UserError, UserErrorCode
from domain.validation import Validator, validated_ids
from domain.viewer import Dashboard
from resolvers.context import Info
from resolvers.mutations.cards import CardsPayload
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited

MAX_REVIEWS = 1_000
MAX_KEY_LENGTH = 200


@dataclass(kw_only=True)
class ReviewInput:
    card_id: strawberry.ID
    quality: int
    reviewed_at: datetime | None = None
    duration_ms: int | None = None
    reschedule: bool = True
    idempotency_key: str


@dataclass(kw_only=True)
class ReviewCardsInput:
    reviews: list[ReviewInput]


@dataclass(kw_only=True)
class UndoReviewsInput:
    review_ids: list[strawberry.ID]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCardsPayload(Payload):
    """`results`: in the order of the input."""

    results: Sequence[ReviewResult] = ()


@returns_user_errors(ReviewCardsPayload)
@rate_limited(REVIEWS, lambda input: len(input.reviews))
async def review_cards(info: Info, input: ReviewCardsInput) -> ReviewCardsPayload:
    validator = Validator()
    validator.size(input.reviews, MAX_REVIEWS, "reviews")
    validator.raise_if_invalid()
    checked = [_checked(review, index) for index, review in enumerate(input.reviews)]
    usable = [review for review in checked if isinstance(review, SubmittedReview)]
    saved: list[ReviewResult] = []
    if usable:
        saved = await info.context.run_transaction(
            partial(review_service.save_reviews, submitted=usable),
            partial(review_service.attempt_reviews, submitted=usable),
        )
    if len(usable) == len(checked) and all(result.error is None for result in saved):
        return ReviewCardsPayload(results=saved)
    results = iter(saved)
    return ReviewCardsPayload(
        results=[
            ReviewResult(review.idempotency_key[:MAX_KEY_LENGTH], error=found)
            if isinstance(found, UserError)
            else _located(next(results), index)
            for index, (review, found) in enumerate(zip(input.reviews, checked, strict=True))
        ]
    )


def dashboard(info: Info) -> Dashboard:
    """Computed after the batch was saved."""
    return Dashboard(info.context.require_viewer().id)


@returns_user_errors(CardsPayload)
@rate_limited(REVIEWS, lambda input: len(input.review_ids))
async def undo_reviews(info: Info, input: UndoReviewsInput) -> CardsPayload:
    ids = validated_ids(ReviewId, input.review_ids, MAX_REVIEWS, "reviewIds")
    return CardsPayload(cards=await info.context.run_transaction(partial(undo_service.undo_reviews, review_ids=ids)))


def _checked(review: ReviewInput, index: int) -> SubmittedReview | UserError:
    """The validated review, or its first error."""
    quality, at, duration_ms, key = review.quality, review.reviewed_at, review.duration_ms, review.idempotency_key
    # The usual values; all others are checked below.
    if (
        0 <= quality <= 5
        and (at is None or at >= MIN_TIMESTAMP)
        and (duration_ms is None or duration_ms >= 0)
        and is_plain_line(key)
        and len(key) <= MAX_KEY_LENGTH
    ):
        try:
            card_id = parse_global_id_as(CardId, review.card_id)
        except BadUserInput:
            # The error has the path of the field.
            pass
        else:
            return SubmittedReview(card_id, quality, key, at, duration_ms, review.reschedule)
    validator = Validator("reviews", str(index))
    card_id = validator.parse_id(CardId, review.card_id, "cardId")
    validator.number(review.quality, 0, 5, "quality")
    validator.timestamp(review.reviewed_at, "reviewedAt")
    if review.duration_ms is not None and review.duration_ms < 0:
        message = "durationMs must not be negative."
        validator.add_error(UserErrorCode.OUT_OF_RANGE, message, "durationMs")
    validator.line(review.idempotency_key, MAX_KEY_LENGTH, "idempotencyKey")
    if validator.errors:
        return validator.errors[0]
    return SubmittedReview(
        card_id, review.quality, review.idempotency_key, review.reviewed_at, review.duration_ms, review.reschedule
    )


def _located(result: ReviewResult, index: int) -> ReviewResult:
    """The result with the path of its error in the input."""
    error = result.error
    if error is None:
        return result
    return result._replace(error=UserError(error.code, error.message, ("reviews", str(index), *error.path)))
