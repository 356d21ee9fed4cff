"""Starts and ends vacations: due days move, and the days do not end a streak."""

from datetime import date, timedelta

from db.commands import schedule_changes as change_commands
from db.commands import vacations as commands
from db.commands.users import lock_settings
from db.core.transaction import Transaction
from db.queries.jobs import JobRow
from db.queries.scheduling import review_count
from db.queries.users import StudySettingsRow
from db.queries.vacations import VacationRow, own_vacation, vacation_by_key
from db.services.jobs import enqueue_job
from db.services.rescheduling import reschedule_all
from db.services.streaks import freeze_days
from domain.enums import JobKind, ScheduleChangeKind, StreakFreezeReason
from domain.errors import NotFound
from domain.ids import new_id
from domain.study_settings import MAX_REVIEWS_IN_REQUEST
from domain.user_errors import UserErrorCode, invalid_input
from domain.vacations import validated_vacation


async def start_vacation(
    transaction: Transaction, starts_on: date | None, ends_on: date, idempotency_key: str | None
) -> tuple[VacationRow | None, JobRow | None]:
    """Start or plan a vacation and return it, with the job that moves the due days of a learner with many reviews.

    The same days again change nothing, and neither does a repeated request, which returns what has become of the
    vacation: None if it was undone. Raises InvalidInput for days in the past, and while there is another vacation.
    At most eight statements, and four per 500 reviewed cards.
    """
    settings = await _lock_settings(transaction)
    if idempotency_key is not None:
        earlier = await transaction.row(vacation_by_key, key=idempotency_key)
        if earlier is not None:
            return (earlier if earlier.days else None), None
    days = settings.algorithm.days
    today = days.day_of(transaction.now)
    vacation = validated_vacation(starts_on, ends_on, today)
    current = await transaction.row(own_vacation, now=transaction.now)
    if current is not None:
        if (current.starts_on, current.ends_on) == (vacation.starts_on, vacation.ends_on):
            return current, None
        message = f"There is a vacation from {current.starts_on} to {current.ends_on}, which has to end first."
        raise invalid_input(UserErrorCode.CONFLICT, message)
    id = new_id()
    # A planned one comes after the reviews until then, whose due days it moves as well.
    changed_at = transaction.now if vacation.starts_on == today else days.start_of(vacation.starts_on)
    key = str(id) if idempotency_key is None else idempotency_key
    kind = ScheduleChangeKind.VACATION.value
    entry = (id, None, kind, changed_at, vacation.starts_on, None, vacation.length, None, key)
    if not await transaction.rows(
        change_commands.insert_changes, **change_commands.change_values([entry], transaction.now)
    ):
        message = "The idempotency key was used for another change."
        raise invalid_input(UserErrorCode.CONFLICT, message, "idempotencyKey")
    await freeze_days(transaction, vacation.days, StreakFreezeReason.VACATION)
    job = await _reschedule(transaction)
    return await transaction.row(own_vacation, now=transaction.now), job


async def end_vacation(transaction: Transaction, undo: bool) -> tuple[VacationRow | None, JobRow | None]:
    """End the present vacation before today, or cancel the planned one; `undo`: as if it had never been.

    Returns what remains of it, None without one. At most five statements, and four per 500 reviewed cards.
    """
    settings = await _lock_settings(transaction)
    current = await transaction.row(own_vacation, now=transaction.now)
    if current is None:
        return None, None
    today = settings.algorithm.days.day_of(transaction.now)
    kept_days = 0 if undo else max((today - current.starts_on).days, 0)
    ends_before = current.starts_on + timedelta(days=kept_days)
    ended = await transaction.row(commands.end_vacation, id=current.id, kept_days=kept_days, ends_before=ends_before)
    return (ended if kept_days else None), await _reschedule(transaction)


async def _lock_settings(transaction: Transaction) -> StudySettingsRow:
    """Waits for running reviews and blocks new ones."""
    settings = await transaction.row(lock_settings)
    if settings is None:
        raise NotFound("Settings not found.")
    return settings


async def _reschedule(transaction: Transaction) -> JobRow | None:
    await transaction.rows(commands.set_vacation_at)
    [found] = await transaction.rows(review_count)
    if found.reviews > MAX_REVIEWS_IN_REQUEST:
        return await enqueue_job(transaction, JobKind.RESCHEDULE_CARDS, {}, steps=0)
    await reschedule_all(transaction)
    return None
