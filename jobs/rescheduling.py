"""Reschedules all cards in a job: computes them first, and locks them only to save what was computed."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Protocol

import orjson

from db.core.transaction import Transaction
from db.queries.scheduling import review_count
from db.services import attempts
from db.services.computed_schedules import ComputedSchedules
from db.services.rescheduling import Progress
from db.services.schedule_computation import ChangeLog, compute_schedules, lock_if_unchanged
from domain.study_settings import SettingsChange
from jobs.attempts import Attempt

# Settings that change during all of them are rare; then the cards are computed while reviews wait.
_PASSES = 3


class Save(Protocol):
    """Saves the change and all cards, which it locks. `computed`: their schedules, as far as they are known."""

    async def __call__(
        self,
        transaction: Transaction,
        change: SettingsChange,
        progress: Progress | None = None,
        computed: ComputedSchedules | None = None,
    ) -> object: ...


# Returns the change of the settings that the job still has to make: newer requests take settings away from it.
ReadChange = Callable[[Transaction], Awaitable[SettingsChange]]


def saved_result(attempt: Attempt) -> Mapping[str, object] | None:
    """The result of an earlier attempt that ended between its commit and the end of the job."""
    if attempt.job.plan is None:
        return None
    found: Mapping[str, object] = orjson.loads(attempt.job.plan)
    return found


async def reschedule(
    attempt: Attempt,
    read_change: ReadChange,
    save: Save,
    result: Mapping[str, object],
    change_log: ChangeLog = lambda entries: entries,
) -> None:
    """Save the change and the result once, whatever the number of attempts: see `saved_result`."""
    [found] = await attempt.reads().rows(review_count, viewer_id=attempt.viewer.id)

    async def report(reviews: int) -> None:
        total = max(found.reviews, reviews)
        await attempt.advance(f"{reviews:,} of {total:,} reviews.", done=reviews, of=total)

    async def save_once(
        transaction: Transaction, computed: ComputedSchedules | None, change: SettingsChange | None
    ) -> bool:
        is_unchanged = await lock_if_unchanged(transaction, computed)
        present = await read_change(transaction)
        if computed is None:
            await save(transaction, present, progress=report)
        elif is_unchanged and present == change:
            await save(transaction, present, computed=computed)
        else:
            return False
        await attempts.save_plan(transaction, attempt.job, result, "Cards are saved.", steps=found.reviews)
        return True

    for _ in range(_PASSES):
        change = await attempt.write(read_change)
        computed = await compute_schedules(attempt.write, change, report, change_log)
        if await attempt.write(partial(save_once, computed=computed, change=change)):
            return
    await attempt.write(partial(save_once, computed=None, change=None))
