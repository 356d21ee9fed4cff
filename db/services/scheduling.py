"""Requests jobs that fit parameters or reschedule all cards, and saves their results."""

from dataclasses import asdict

from db.commands import scheduling as commands
from db.core.transaction import Transaction
from db.queries.jobs import JobRow
from db.queries.scheduling import review_count
from db.queries.users import StudySettingsRow, settings_by_user_id
from db.services.computed_schedules import ComputedSchedules
from db.services.jobs import enqueue_job, repeated_job
from db.services.rescheduling import Progress
from db.services.users import check_time_zone, update_settings
from domain.enums import JobKind
from domain.errors import NotFound
from domain.scheduling.fitting import MIN_REVIEWS, Fit
from domain.study_settings import MAX_REVIEWS_IN_REQUEST, SettingsChange
from domain.user_errors import UserErrorCode, invalid_input


async def request_fit(transaction: Transaction, idempotency_key: str | None) -> JobRow:
    """Enqueue a job that fits the parameters. Up to five statements. Raises InvalidInput for too few reviews."""
    repeated = await repeated_job(transaction, JobKind.FIT_PARAMETERS, idempotency_key)
    if repeated is not None:
        return repeated
    [found] = await transaction.rows(review_count)
    if found.reviews < MIN_REVIEWS:
        message = f"There are {found.reviews} reviews; parameters are fitted from {MIN_REVIEWS} on."
        raise invalid_input(UserErrorCode.TOO_SHORT, message)
    return await enqueue_job(transaction, JobKind.FIT_PARAMETERS, {}, steps=0, idempotency_key=idempotency_key)


async def save_fit(
    transaction: Transaction,
    change: SettingsChange,
    progress: Progress | None = None,
    computed: ComputedSchedules | None = None,
    *,
    fit: Fit,
    optimal_retention: float,
) -> None:
    """Save the evaluation, and use the parameters of the change if they are better: all cards are rescheduled.

    `progress` and `computed`: see `update_settings`.
    """
    await transaction.rows(
        commands.save_fit,
        reviews=fit.reviews,
        is_kept=fit.is_improvement,
        log_loss=fit.evaluation.log_loss,
        rmse=fit.evaluation.rmse,
        previous_log_loss=fit.previous.log_loss,
        previous_rmse=fit.previous.rmse,
        optimal_retention=optimal_retention,
    )
    if fit.is_improvement:
        await update_settings(transaction, change, progress, computed)


async def change_settings(transaction: Transaction, change: SettingsChange) -> tuple[StudySettingsRow, JobRow | None]:
    """Update the settings, or enqueue a job that does if many reviews have to be folded again. Return both.

    The statements of `update_settings`, and one more; or six, and one for a time zone.
    """
    if change.reschedules_cards:
        [found] = await transaction.rows(review_count)
        if found.reviews > MAX_REVIEWS_IN_REQUEST:
            if change.time_zone is not None:
                await check_time_zone(transaction, change.time_zone)
            job = await enqueue_job(transaction, JobKind.RESCHEDULE_CARDS, asdict(change), steps=0)
            settings = await transaction.row(settings_by_user_id, ids=[transaction.viewer.id])
            if settings is None:
                raise NotFound("Settings not found.")
            return settings, job
    return await update_settings(transaction, change), None
