"""The mutations of the viewer's profile and study settings."""

from dataclasses import dataclass
from functools import cache, partial
from zoneinfo import available_timezones

from strawberry import UNSET

from common.text import truncate
from db.queries.jobs import JobRow
from db.queries.users import AccountRow, StudySettingsRow
from db.services import scheduling as scheduling_service
from db.services import users as user_service
from domain.accounts import MAX_NAME_LENGTH, ProfileChange, parse_locale
from domain.enums import LeechAction, NewCardMix, NewCardOrder, Scheduler
from domain.leeches import MAX_LEECH_THRESHOLD
from domain.rate_limits import SETTINGS_CHANGES, WRITES
from domain.scheduling.settings import MAX_INTERVAL_DAYS
from domain.streaks import MAX_STREAK_FREEZES_PER_MONTH
from domain.study_settings import (
    MAX_CARDS_A_DAY,
    MAX_RETENTION,
    MAX_STEP_MINUTES,
    MAX_STEPS,
    MIN_RETENTION,
    WEEKDAYS,
    SettingsChange,
)
from domain.user_errors import UserErrorCode
from domain.validation import Validator
from resolvers.context import Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited


@dataclass(kw_only=True)
class UpdateProfileInput:
    display_name: str | None = None
    locale: str | None = UNSET


@dataclass(kw_only=True)
class UpdateStudySettingsInput:
    scheduler: Scheduler | None = None
    desired_retention: float | None = None
    new_cards_per_day: int | None = None
    reviews_per_day: int | None = None
    time_zone: str | None = None
    day_starts_at: int | None = None
    learning_steps: list[int] | None = None
    relearning_steps: list[int] | None = None
    maximum_interval: int | None = None
    new_card_mix: NewCardMix | None = None
    new_card_order: NewCardOrder | None = None
    easy_days: list[float] | None = None
    bury_siblings: bool | None = None
    leech_threshold: int | None = None
    leech_action: LeechAction | None = None
    streak_freezes_per_month: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateProfilePayload(Payload):
    """The updated profile."""

    user: AccountRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateStudySettingsPayload(Payload):
    """The updated settings, or the present ones and the job that updates them."""

    settings: StudySettingsRow | None = None
    job: JobRow | None = None


@returns_user_errors(UpdateProfilePayload)
@rate_limited(WRITES)
async def update_profile(info: Info, input: UpdateProfileInput) -> UpdateProfilePayload:
    validator, name, locale = Validator(), None, None
    if input.display_name is not None:
        name = validator.line(input.display_name, MAX_NAME_LENGTH, "displayName")
    if input.locale is not UNSET and input.locale is not None:
        locale = parse_locale(input.locale)
        if locale is None:
            message = f"locale: {truncate(input.locale)!r} is not a language tag, such as ja or pt-BR."
            validator.add_error(UserErrorCode.INVALID, message, "locale")
    validator.raise_if_invalid()
    change = ProfileChange(name, input.locale is not UNSET, locale)
    return UpdateProfilePayload(
        user=await info.context.run_transaction(partial(user_service.update_profile, change=change))
    )


@returns_user_errors(UpdateStudySettingsPayload)
@rate_limited(SETTINGS_CHANGES)
async def update_study_settings(info: Info, input: UpdateStudySettingsInput) -> UpdateStudySettingsPayload:
    validator = Validator()
    if input.desired_retention is not None:
        validator.number(input.desired_retention, MIN_RETENTION, MAX_RETENTION, "desiredRetention")
    if input.new_cards_per_day is not None:
        validator.number(input.new_cards_per_day, 0, MAX_CARDS_A_DAY, "newCardsPerDay")
    if input.reviews_per_day is not None:
        validator.number(input.reviews_per_day, 0, MAX_CARDS_A_DAY, "reviewsPerDay")
    if input.time_zone is not None and input.time_zone not in _time_zones():
        message = f"timeZone: {truncate(input.time_zone)!r} is not an IANA time zone name, such as Asia/Tokyo."
        validator.add_error(UserErrorCode.INVALID, message, "timeZone")
    if input.day_starts_at is not None:
        validator.number(input.day_starts_at, 0, 23, "dayStartsAt")
    if input.maximum_interval is not None:
        validator.number(input.maximum_interval, 1, MAX_INTERVAL_DAYS, "maximumInterval")
    _check_steps(validator, input.learning_steps, "learningSteps")
    _check_steps(validator, input.relearning_steps, "relearningSteps")
    if input.leech_threshold is not None:
        validator.number(input.leech_threshold, 0, MAX_LEECH_THRESHOLD, "leechThreshold")
    if input.streak_freezes_per_month is not None:
        validator.number(input.streak_freezes_per_month, 0, MAX_STREAK_FREEZES_PER_MONTH, "streakFreezesPerMonth")
    if input.easy_days is not None:
        _check_easy_days(validator, input.easy_days)
    validator.raise_if_invalid()
    change = SettingsChange(
        scheduler=input.scheduler,
        desired_retention=input.desired_retention,
        new_cards_per_day=input.new_cards_per_day,
        reviews_per_day=input.reviews_per_day,
        time_zone=input.time_zone,
        day_starts_at_hour=input.day_starts_at,
        learning_steps=input.learning_steps,
        relearning_steps=input.relearning_steps,
        max_interval_days=input.maximum_interval,
        new_card_mix=input.new_card_mix,
        new_card_order=input.new_card_order,
        easy_days=input.easy_days,
        bury_siblings=input.bury_siblings,
        leech_threshold=input.leech_threshold,
        leech_action=input.leech_action,
        streak_freezes_per_month=input.streak_freezes_per_month,
    )
    settings, job = await info.context.run_transaction(partial(scheduling_service.change_settings, change=change))
    return UpdateStudySettingsPayload(settings=settings, job=job)


def _check_steps(validator: Validator, steps: list[int] | None, name: str) -> None:
    if steps is None:
        return
    if steps:
        validator.size(steps, MAX_STEPS, name)
    for index, minutes in enumerate(steps[:MAX_STEPS]):
        validator.number(minutes, 1, MAX_STEP_MINUTES, name, str(index))


def _check_easy_days(validator: Validator, shares: list[float]) -> None:
    if len(shares) != WEEKDAYS:
        code = UserErrorCode.TOO_SHORT if len(shares) < WEEKDAYS else UserErrorCode.TOO_LONG
        message = f"easyDays has {len(shares)} items; there is one for each of the {WEEKDAYS} weekdays."
        validator.add_error(code, message, "easyDays")
        return
    for index, share in enumerate(shares):
        validator.number(share, 0, 1, "easyDays", str(index))


@cache
def _time_zones() -> set[str]:
    """The names in the time zone database, read once."""
    return available_timezones()
