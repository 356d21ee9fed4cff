"""Extends the limits of the learner's day, and undoes extensions."""

from datetime import date

from db.commands import study as commands
from db.commands.users import lock_settings
from db.core.transaction import Transaction
from db.queries.learner_days import answered_since
from db.queries.study_limits import StudyLimitsRow, extension_by_key, study_limits
from domain.errors import NotFound
from domain.study_settings import MAX_CARDS_A_DAY
from domain.user_errors import UserErrorCode, invalid_input
from domain.validation import Validator


async def extend_limits(transaction: Transaction, idempotency_key: str, new_cards: int, reviews: int) -> StudyLimitsRow:
    """Extend the limits of today, and return them. At most six statements.

    A repeated request changes nothing, on a later day or after an undo either. Raises InvalidInput for a key that was
    used for another extension, and for extensions of a day that exceed the maximum in total.
    """
    # Concurrent extensions wait, so that their total is exact.
    settings = await transaction.row(lock_settings)
    if settings is None:
        raise NotFound("Settings not found.")
    earlier = await transaction.row(extension_by_key, key=idempotency_key)
    if earlier is None:
        day = settings.algorithm.days.day_of(transaction.now)
        await _check_total(transaction, day, new_cards, reviews)
        await transaction.rows(
            commands.insert_extension, key=idempotency_key, day=day, new_cards=new_cards, reviews=reviews
        )
    elif not earlier.is_undone and (earlier.new_cards, earlier.reviews) != (new_cards, reviews):
        message = "The idempotency key was used for a different extension."
        raise invalid_input(UserErrorCode.CONFLICT, message, "idempotencyKey")
    return await _limits(transaction)


async def undo_extension(transaction: Transaction, idempotency_key: str) -> StudyLimitsRow:
    """Undo an extension, of an earlier day as well, and return the limits of today. Three statements.

    A repeated request changes nothing. Raises InvalidInput if there is no extension with the key.
    """
    if not await transaction.rows(commands.clear_extension, key=idempotency_key):
        raise invalid_input(UserErrorCode.NOT_FOUND, "Extension not found.", "idempotencyKey")
    return await _limits(transaction)


async def _limits(transaction: Transaction) -> StudyLimitsRow:
    limits = await transaction.row(study_limits, now=transaction.now, answered_since=answered_since(transaction.now))
    if limits is None:
        raise NotFound("Settings not found.")
    return limits


async def _check_total(transaction: Transaction, day: date, new_cards: int, reviews: int) -> None:
    [total] = await transaction.rows(commands.extension_of_day, day=day)
    validator = Validator()
    for name, added, before in (("newCards", new_cards, total.new_cards), ("reviews", reviews, total.reviews)):
        if added and before + added > MAX_CARDS_A_DAY:
            message = f"{name}: {added} after {before} today exceeds {MAX_CARDS_A_DAY}."
            validator.add_error(UserErrorCode.OUT_OF_RANGE, message, name)
    validator.raise_if_invalid()
