"""Starts and ends vacations: due days move, and the days do not end a streak."""

from datetime import date, timedelta

import orjson

from db.commands import schedule_changes as change_commands
from db.commands import vacations as commands
from db.commands.users import lock_settings
from db.core.transaction import Transaction
from db.queries.jobs import JobRow
from db.queries.scheduling import review_count
from db.queries.users import StudySettingsRow
from db.queries.vacations import VacationRow, own_vacation, pending_vacations, vacation_by_key
from db.services.computed_schedules import ComputedSchedules
from db.services.jobs import cancel_pending_vacations, enqueue_job, repeated_job
from db.services.rescheduling import Progress, reschedule_all
from db.services.streaks import freeze_days
from domain.enums import JobKind, ScheduleChangeKind, StreakFreezeReason
from domain.errors import NotFound
from domain.ids import new_id
from domain.study_settings import MAX_REVIEWS_IN_REQUEST
from domain.user_errors import InvalidInput, UserErrorCode, invalid_input
from domain.vacations import Vacation, VacationChange, validated_vacation


async def start_vacation(
    transaction: Transaction, starts_on: date | None, ends_on: date, idempotency_key: str | None
) -> tuple[VacationRow | None, JobRow | None]:
    """Start or plan a vacation and return it, or enqueue a job that does for a learner with many reviews.

    The same days again change nothing, and neither does a repeated request, which returns what has become of the
    vacation: None if it was undone. Raises InvalidInput for days in the past, and while there is another vacation.
    At most ten statements, and four per 500 reviewed cards.
    """
    settings = await _lock_settings(transaction)
    if idempotency_key is not None:
        earlier = await transaction.row(vacation_by_key, key=idempotency_key)
        if earlier is not None:
            return (earlier if earlier.days else None), None
        repeated = await repeated_job(transaction, JobKind.RESCHEDULE_CARDS, idempotency_key)
        if repeated is not None:
            return None, repeated
    days = settings.algorithm.days
    today = days.day_of(transaction.now)
    vacation = validated_vacation(starts_on, ends_on, today)
    current = await transaction.row(own_vacation, now=transaction.now)
    for row in await transaction.rows(pending_vacations):
        pending = VacationChange.from_json(orjson.loads(row.input)["vacation"])
        if pending.is_start and pending.vacation == vacation:
            return None, row
        if pending.is_start:
            raise _conflict(pending.vacation)
    if current is not None:
        if current.vacation != vacation:
            raise _conflict(current.vacation)
        await cancel_pending_vacations(transaction)
        return current, None
    id = new_id()
    # A planned one comes after the reviews until then, whose due days it moves as well.
    changed_at = transaction.now if vacation.starts_on == today else days.start_of(vacation.starts_on)
    key = str(id) if idempotency_key is None else idempotency_key
    change = VacationChange(id, key, changed_at, vacation.starts_on, vacation.length)
    job = await _save_or_enqueue(transaction, change, idempotency_key)
    return await transaction.row(own_vacation, now=transaction.now), job


async def end_vacation(transaction: Transaction, undo: bool) -> tuple[VacationRow | None, JobRow | None]:
    """End the present vacation before today, or cancel the planned one; `undo`: as if it had never been.

    Returns what remains of it, None without one, or enqueues a job for a learner with many reviews. At most ten
    statements, and four per 500 reviewed cards.
    """
    settings = await _lock_settings(transaction)
    if await transaction.rows(pending_vacations):
        await cancel_pending_vacations(transaction)
    current = await transaction.row(own_vacation, now=transaction.now)
    if current is None:
        return None, None
    today = settings.algorithm.days.day_of(transaction.now)
    kept_days = 0 if undo else max((today - current.starts_on).days, 0)
    change = VacationChange(
        current.id, current.idempotency_key, current.changed_at, current.starts_on, kept_days, current.days
    )
    job = await _save_or_enqueue(transaction, change, None)
    if job is not None:
        return current, job
    return (await transaction.row(vacation_by_key, key=current.idempotency_key) if kept_days else None), None


async def save_vacation(
    transaction: Transaction,
    change: VacationChange,
    progress: Progress | None = None,
    computed: ComputedSchedules | None = None,
) -> None:
    """Save the change and move the due days. `progress` and `computed`: see `reschedule_all`.

    Four statements, and four per 500 reviewed cards. A change that was saved before, or whose vacation was changed
    since, changes nothing. Raises InvalidInput while there is another vacation.
    """
    is_saved = await (_insert(transaction, change) if change.is_start else _shorten(transaction, change))
    if is_saved:
        await transaction.rows(commands.set_vacation_at)
        await reschedule_all(transaction, progress, computed=computed)


async def _insert(transaction: Transaction, change: VacationChange) -> bool:
    current = await transaction.row(own_vacation, now=transaction.now)
    if current is not None:
        if current.vacation != change.vacation:
            raise _conflict(current.vacation)
        return False
    kind = ScheduleChangeKind.VACATION.value
    entry = (change.id, None, kind, change.changed_at, change.starts_on, None, change.days, None, change.key)
    if not await transaction.rows(
        change_commands.insert_changes, **change_commands.change_values([entry], transaction.now)
    ):
        message = "The idempotency key was used for another change."
        raise invalid_input(UserErrorCode.CONFLICT, message, "idempotencyKey")
    await freeze_days(transaction, change.vacation.days, StreakFreezeReason.VACATION)
    return True


async def _shorten(transaction: Transaction, change: VacationChange) -> bool:
    ends_before = change.starts_on + timedelta(days=change.days)
    values = {"id": change.id, "kept_days": change.days, "earlier_days": change.earlier_days}
    return bool(await transaction.rows(commands.end_vacation, ends_before=ends_before, **values))


async def _lock_settings(transaction: Transaction) -> StudySettingsRow:
    """Waits for running reviews and blocks new ones."""
    settings = await transaction.row(lock_settings)
    if settings is None:
        raise NotFound("Settings not found.")
    return settings


async def _save_or_enqueue(
    transaction: Transaction, change: VacationChange, idempotency_key: str | None
) -> JobRow | None:
    """In a job, everything is saved or nothing, also if it is cancelled."""
    [found] = await transaction.rows(review_count)
    if found.reviews > MAX_REVIEWS_IN_REQUEST:
        input = {"vacation": change.to_json()}
        return await enqueue_job(transaction, JobKind.RESCHEDULE_CARDS, input, steps=0, idempotency_key=idempotency_key)
    await save_vacation(transaction, change)
    return None


def _conflict(vacation: Vacation) -> InvalidInput:
    message = f"There is a vacation from {vacation.starts_on} to {vacation.ends_on}, which has to end first."
    return invalid_input(UserErrorCode.CONFLICT, message)
