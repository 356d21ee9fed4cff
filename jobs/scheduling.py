"""The jobs that fit a learner's parameters of FSRS and reschedule all cards."""

from collections.abc import Mapping
from functools import partial

from common.executors import COMPUTING, run_in
from db.queries.scheduling import newest_entries, review_count
from db.queries.simulation import answer_statistics
from db.queries.users import settings_by_user_id
from db.services.rescheduling import reschedule_all
from db.services.scheduling import apply_settings, save_fit
from domain.errors import ErrorCode
from domain.jobs import JobFailed
from domain.scheduling.fitting import MAX_REVIEWS, MIN_REVIEWS, find_optimal_retention, fit
from domain.scheduling.habits import MAX_ANSWERS, Habits
from domain.study_settings import SettingsChange
from jobs.attempts import Attempt


async def fit_parameters(attempt: Attempt) -> Mapping[str, object]:
    """Safe to repeat. Raises JobFailed if the reviews do not determine parameters."""
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
    await attempt.write(partial(save_fit, fit=fitted, optimal_retention=retention))
    return {
        "isKept": fitted.is_improvement,
        "logLoss": fitted.evaluation.log_loss,
        "previousLogLoss": fitted.previous.log_loss,
    }


async def reschedule_cards(attempt: Attempt) -> Mapping[str, object]:
    """Changes the settings, if the input has any, and all cards in one transaction. Safe to repeat."""
    [found] = await attempt.reads().rows(review_count, viewer_id=attempt.viewer.id)

    async def report(reviews: int) -> None:
        total = max(found.reviews, reviews)
        await attempt.advance(f"{reviews:,} of {total:,} reviews.", done=reviews, of=total)

    if attempt.input:
        await attempt.write(apply_settings(SettingsChange(**attempt.input), report))
    else:
        await attempt.write(partial(reschedule_all, progress=report))
    return {"reviews": found.reviews}
