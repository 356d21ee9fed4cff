"""Freezes days without reviews, which then do not end a streak."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from db.commands import streaks as commands
from db.commands.reviews import StudiedDayRow
from db.commands.streaks import StreakDayRow
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
        ended=_ended_days(rows),
    )
    await freeze_days(transaction, missed, StreakFreezeReason.MISSED)


def _ended_days(rows: Sequence[StreakDayRow]) -> list[date]:
    first, until = (rows[0].streak_ended_from, rows[0].streak_ended_until) if rows else (None, None)
    if first is None or until is None:
        return []
    return [first + timedelta(days=number) for number in range((until - first).days)]


async def keep_missed_days(transaction: Transaction, *, is_allowance_lower: bool) -> None:
    """Keep the days missed so far as they count with the present number of freezes, before it changes.

    One statement, or two. The caller has locked the settings.
    """
    gap = await transaction.row(commands.open_gap)
    if gap is None:
        return
    if gap.has_ended_streak:
        await transaction.rows(commands.end_streak, starts_on=gap.starts_on, until=gap.today)
    elif is_allowance_lower:
        await freeze_days(transaction, gap.missed, StreakFreezeReason.MISSED)


async def freeze_days(transaction: Transaction, days: Collection[date], reason: StreakFreezeReason) -> None:
    """Freeze those of the days that have no reviews, or all for a vacation. Up to one statement."""
    if days:
        await transaction.rows(commands.freeze_days, days=list(days), reason=reason.value)
