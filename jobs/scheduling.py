"""The jobs that fit a learner's parameters of FSRS and reschedule all cards."""

from collections.abc import Mapping
from functools import partial

import orjson

from common.executors import COMPUTING, run_in
from db.core.transaction import Transaction
from db.queries.jobs import attempt_by_job_id
from db.queries.scheduling import newest_entries, review_count
from db.queries.simulation import answer_statistics
from db.queries.users import settings_by_user_id
from db.services.computed_schedules import ComputedSchedules
from db.services.rescheduling import Progress, reschedule_all
from db.services.scheduling import save_fit
from db.services.users import update_settings
from db.services.vacations import save_vacation
from domain.errors import ErrorCode
from domain.jobs import JobFailed
from domain.scheduling.fitting import MAX_REVIEWS, MIN_REVIEWS, find_optimal_retention, fit
from domain.scheduling.habits import MAX_ANSWERS, Habits
from domain.study_settings import SettingsChange
from domain.user_errors import InvalidInput
from domain.vacations import VacationChange
from jobs.attempts import Attempt
from jobs.rescheduling import reschedule, saved_result


async def fit_parameters(attempt: Attempt) -> Mapping[str, object]:
    """Safe to repeat. Raises JobFailed if the reviews do not determine parameters."""
    if (saved := saved_result(attempt)) is not None:
        return saved
    reads, viewer_id = attempt.reads(), attempt.viewer.id
    settings = await reads.row(settings_by_user_id, ids=[viewer_id], viewer_id=viewer_id)
    rows = await reads.rows(newest_entries, viewer_id=viewer_id, limit=MAX_REVIEWS)
    present = tuple((settings.fsrs_parameters if settings else None) or ())
    entries = [row.entry for row in rows]
    await attempt.advance("Fitting parameters.", done=0, of=2)
    fitted = await run_in(COMPUTING, fit, entries, present)
    if fitted is None:
        message = (
            f"There is nothing to fit: fewer than {MIN_REVIEWS} of the newest reviews are of cards with known "
            "histories, or none is on a later day than the one before it."
        )
        raise JobFailed(ErrorCode.BAD_USER_INPUT, message, retryable=False)
    used = fitted.parameters if fitted.is_improvement else present
    answers = await reads.rows(answer_statistics, viewer_id=viewer_id, most=MAX_ANSWERS)
    habits = Habits.from_answers(row.statistics for row in answers)
    retention = await run_in(COMPUTING, find_optimal_retention, used, habits)
    await attempt.advance("Rescheduling cards.", done=1, of=2)
    result = {
        "isKept": fitted.is_improvement,
        "logLoss": fitted.evaluation.log_loss,
        "previousLogLoss": fitted.previous.log_loss,
    }
    change = SettingsChange(fsrs_parameters=list(fitted.parameters))
    save = partial(save_fit, fit=fitted, optimal_retention=retention)

    async def read_change(_: Transaction) -> SettingsChange:
        return change

    if fitted.is_improvement:
        await reschedule(attempt, read_change, save, result)
    else:
        await attempt.write(partial(save, change=change))
    return result


async def reschedule_cards(attempt: Attempt) -> Mapping[str, object]:
    """Changes settings or a vacation, and all cards, in one transaction. Safe to repeat.

    Raises JobFailed if there is another vacation.
    """
    if (saved := saved_result(attempt)) is not None:
        return saved
    [found] = await attempt.reads().rows(review_count, viewer_id=attempt.viewer.id)
    result = {"reviews": found.reviews}
    if "vacation" in attempt.input:
        await _move_due_days(attempt, VacationChange.from_json(attempt.input["vacation"]), result)
    else:
        await _change_settings(attempt, result)
    return result


async def _change_settings(attempt: Attempt, result: Mapping[str, object]) -> None:
    async def read_change(transaction: Transaction) -> SettingsChange:
        [job] = await transaction.rows(attempt_by_job_id, job_id=attempt.job.id)
        return SettingsChange(**orjson.loads(job.input))

    async def save(
        transaction: Transaction,
        change: SettingsChange,
        progress: Progress | None = None,
        computed: ComputedSchedules | None = None,
    ) -> None:
        if attempt.input:
            await update_settings(transaction, change, progress, computed, requested_at=attempt.job.created_at)
        else:
            # A job of an earlier version, whose vacation is in the log.
            await reschedule_all(transaction, progress, computed=computed)

    await reschedule(attempt, read_change, save, result)


async def _move_due_days(attempt: Attempt, vacation: VacationChange, result: Mapping[str, object]) -> None:
    async def read_change(_: Transaction) -> SettingsChange:
        return SettingsChange()

    async def save(
        transaction: Transaction,
        change: SettingsChange,
        progress: Progress | None = None,
        computed: ComputedSchedules | None = None,
    ) -> None:
        await save_vacation(transaction, vacation, progress, computed)

    try:
        await reschedule(attempt, read_change, save, result, vacation.applied_to)
    except InvalidInput as error:
        raise JobFailed(ErrorCode.BAD_USER_INPUT, str(error), retryable=False) from error
