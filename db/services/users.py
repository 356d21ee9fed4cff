"""Changes study settings and recomputes from the review log what depends on them."""

from uuid import UUID

from db.commands import cards as card_commands
from db.commands import reviews as review_commands
from db.commands import users as commands
from db.core.transaction import Transaction
from db.queries.users import StudySettingsRow
from db.services.rescheduling import reschedule_cards, review_logs, save_schedules
from domain.enums import Scheduler
from domain.errors import NotFound
from domain.study_settings import SettingsChange
from domain.user_errors import UserErrorCode, invalid_input

_BATCH_SIZE = 500


async def update_settings(transaction: Transaction, change: SettingsChange) -> StudySettingsRow:
    """Update the settings and return them.

    Two statements. Another algorithm takes three more per 500 reviewed cards, and another time zone three: cards and
    daily totals become what they would be if the learner had always had these settings. Raises InvalidInput for an
    unknown time zone.
    """
    before = await transaction.row(commands.lock_settings)
    after = await transaction.row(commands.update_settings, **commands.settings_values(change))
    if before is None or after is None:
        raise NotFound("Settings not found.")
    if _folds_differently(before, after):
        await _reschedule_all(transaction)
    if before.time_zone != after.time_zone:
        await _recount_days(transaction, after.time_zone)
    return after


def _folds_differently(before: StudySettingsRow, after: StudySettingsRow) -> bool:
    if before.scheduler != after.scheduler:
        return True
    return after.scheduler == Scheduler.FSRS and before.desired_retention != after.desired_retention


async def _reschedule_all(transaction: Transaction) -> None:
    """Reschedule all reviewed cards."""
    last_id = UUID(int=0)
    while cards := await transaction.rows(card_commands.lock_reviewed_cards, after_id=last_id, limit=_BATCH_SIZE):
        logs = await review_logs(transaction, [card.id for card in cards])
        answers = {id: [row.answer for row in log if not row.undone] for id, log in logs.items()}
        await save_schedules(transaction, await reschedule_cards(cards, answers))
        last_id = cards[-1].id


async def _recount_days(transaction: Transaction, time_zone: str) -> None:
    if await transaction.row(commands.time_zones, time_zone=time_zone) is None:
        raise invalid_input(UserErrorCode.INVALID, f"timeZone: {time_zone!r} is not a time zone.", "timeZone")
    await transaction.rows(review_commands.delete_days)
    await transaction.rows(review_commands.count_days)
