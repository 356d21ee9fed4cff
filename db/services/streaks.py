"""Freezes days without reviews, which then do not end a streak."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from db.commands import streaks as commands
from db.commands.reviews import StudiedDayRow
from db.core.transaction import Transaction
from domain.enums import StreakFreezeReason
from domain.reviews import DailyTotalsDelta, sum_by_day
from domain.streaks import missed_days_to_freeze


async def freeze_missed_days(
    transaction: Transaction, changes: Iterable[DailyTotalsDelta], days: Sequence[StudiedDayRow], per_month: int
) -> None:
    """Freeze missed days before and after days that are now studied, or no longer are.

    `days`: the totals after the changes. With freezes, one statement for the first review of a day or the undoing of
    its last, and one more if missed days are frozen.
    """
    if not per_month:
        return
    deltas = {change.day: change.reviews for change in sum_by_day(changes)}
    changed = [row.day for row in days if row.reviews in (0, deltas[row.day])]
    if not changed:
        return
    rows = await transaction.rows(commands.streak_days_around, first=min(changed), last=max(changed))
    missed = missed_days_to_freeze(
        studied=[row.day for row in rows if row.studied],
        frozen={row.day for row in rows if row.freeze_reason is not None},
        used=[row.day for row in rows if row.freeze_reason == StreakFreezeReason.MISSED],
        changed=changed,
        per_month=per_month,
    )
    await freeze_days(transaction, missed, StreakFreezeReason.MISSED)


async def freeze_days(transaction: Transaction, days: Collection[date], reason: StreakFreezeReason) -> None:
    """Freeze those of the days that have no reviews, or all for a vacation. Up to one statement."""
    if days:
        await transaction.rows(commands.freeze_days, days=list(days), reason=reason.value)
