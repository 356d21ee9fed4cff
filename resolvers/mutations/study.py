"""Mutations of the limits of a day: extend them, undo an extension."""

from dataclasses import dataclass
from functools import partial

from db.queries.study_limits import StudyLimitsRow
from db.services import study as study_service
from domain.rate_limits import SETTINGS_CHANGES
from domain.study_settings import MAX_CARDS_A_DAY
from domain.user_errors import UserErrorCode
from domain.validation import Validator
from resolvers.context import Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited

MAX_KEY_LENGTH = 200


@dataclass(kw_only=True)
class ExtendTodayLimitsInput:
    new_cards: int | None = None
    reviews: int | None = None
    idempotency_key: str


@dataclass(kw_only=True)
class UndoLimitExtensionInput:
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayLimitsPayload(Payload):
    """The limits of today after the change."""

    limits: StudyLimitsRow | None = None


@returns_user_errors(TodayLimitsPayload)
@rate_limited(SETTINGS_CHANGES)
async def extend_today_limits(info: Info, input: ExtendTodayLimitsInput) -> TodayLimitsPayload:
    validator = Validator()
    if input.new_cards is None and input.reviews is None:
        validator.add_error(UserErrorCode.REQUIRED, "One of newCards, reviews is required.")
    for name, number in (("newCards", input.new_cards), ("reviews", input.reviews)):
        if number is not None:
            validator.number(number, 1, MAX_CARDS_A_DAY, name)
    key = validator.line(input.idempotency_key, MAX_KEY_LENGTH, "idempotencyKey")
    validator.raise_if_invalid()
    extend = partial(
        study_service.extend_limits, idempotency_key=key, new_cards=input.new_cards or 0, reviews=input.reviews or 0
    )
    return TodayLimitsPayload(limits=await info.context.run_transaction(extend))


@returns_user_errors(TodayLimitsPayload)
@rate_limited(SETTINGS_CHANGES)
async def undo_limit_extension(info: Info, input: UndoLimitExtensionInput) -> TodayLimitsPayload:
    validator = Validator()
    key = validator.line(input.idempotency_key, MAX_KEY_LENGTH, "idempotencyKey")
    validator.raise_if_invalid()
    undo = partial(study_service.undo_extension, idempotency_key=key)
    return TodayLimitsPayload(limits=await info.context.run_transaction(undo))
