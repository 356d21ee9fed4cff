"""Changes profiles, and study settings with what depends on them."""

from dataclasses import asdict, replace
from datetime import datetime

import orjson

from db.commands import cards as card_commands
from db.commands import leeches as leech_commands
from db.commands import schedule_changes as change_commands
from db.commands import users as commands
from db.commands.locked_cards import lock_buried_cards
from db.core.transaction import Transaction
from db.queries.users import AccountRow, StudySettingsRow
from db.services.computed_schedules import ComputedSchedules
from db.services.jobs import supersede_settings
from db.services.rescheduling import Progress, reschedule_all
from db.services.streaks import freeze_days, keep_missed_days
from domain.accounts import ProfileChange
from domain.enums import ScheduleChangeKind, Scheduler, StreakFreezeReason
from domain.errors import NotFound
from domain.ids import new_id
from domain.scheduling import SchedulingSettings
from domain.scheduling.load import NO_EASY_DAYS
from domain.streaks import shortened_days
from domain.study_settings import SettingsChange
from domain.user_errors import UserErrorCode, invalid_input


async def update_profile(transaction: Transaction, change: ProfileChange) -> AccountRow:
    """Update the viewer's profile and return it. One statement. Newer tokens do not change a name that was chosen."""
    account = await transaction.row(
        commands.update_profile,
        new_display_name=change.display_name,
        changes_locale=change.changes_locale,
        new_locale=change.locale,
    )
    if account is None:
        raise NotFound("Account not found.")
    return account


async def update_settings(
    transaction: Transaction,
    change: SettingsChange,
    progress: Progress | None = None,
    computed: ComputedSchedules | None = None,
    *,
    requested_at: datetime | None = None,
) -> StudySettingsRow:
    """Update the settings and return them. `progress` is called with the number of reviews folded until then.
    `computed`: the schedules under these settings. `requested_at`: by default the time of the transaction; jobs with
    earlier requests leave these settings as they are.

    Three statements. Other settings of the algorithm take one more and four per 500 reviewed cards: cards become what
    they would be if the learner had always had these settings. Another time zone or start of the day takes three
    or four, and four per 500 buried cards without a due day: days start at another time, past ones remain as they were
    counted, and a shortened one is frozen. Another number of streak freezes takes one or two. Raises InvalidInput for
    an unknown time zone.
    """
    before = await transaction.row(commands.lock_settings)
    if before is None:
        raise NotFound("Settings not found.")
    freezes = change.streak_freezes_per_month
    if freezes is not None and freezes != before.streak_freezes_per_month:
        await keep_missed_days(transaction, is_allowance_lower=freezes < before.streak_freezes_per_month)
    if change.requested:
        await supersede_settings(transaction, change.requested, requested_at or transaction.now)
    after = await transaction.row(commands.update_settings, **commands.settings_values(change, before, transaction.now))
    if after is None:
        raise NotFound("Settings not found.")
    if (before.leech_threshold, before.leech_action) != (after.leech_threshold, after.leech_action):
        values = {"threshold": after.leech_threshold, "earlier_threshold": before.leech_threshold}
        await transaction.rows(leech_commands.dismiss_marks, **values)
    if _folded_settings(before.scheduling) != _folded_settings(after.scheduling):
        await _record(transaction, after)
        if computed is not None and not computed.are_with(after.scheduling):
            computed = None
        await reschedule_all(transaction, progress, computed=computed)
    if (before.time_zone, before.day_starts_at_hour) != (after.time_zone, after.day_starts_at_hour):
        await _move_due_days(transaction, after.time_zone)
        shortened = shortened_days(before.algorithm.days, after.algorithm.days, transaction.now)
        await freeze_days(transaction, shortened, StreakFreezeReason.TRAVEL)
    return after


def _folded_settings(settings: SchedulingSettings) -> SchedulingSettings:
    """Only what the fold of a card's log depends on."""
    if settings.scheduler is Scheduler.SM2:
        return SchedulingSettings(Scheduler.SM2, max_interval_days=settings.max_interval_days)
    return replace(settings, time_zone="UTC", day_starts_at_hour=0, earlier_days=(), easy_days=NO_EASY_DAYS)


async def _record(transaction: Transaction, settings: StudySettingsRow) -> None:
    """Add the new settings to the log."""
    id, now = new_id(), transaction.now
    details = orjson.dumps(asdict(replace(settings.scheduling, earlier_days=()))).decode()
    day = settings.algorithm.days.day_of(now)
    entry = (id, None, ScheduleChangeKind.SETTINGS.value, now, day, None, 0, details, str(id))
    await transaction.rows(change_commands.insert_changes, **change_commands.change_values([entry], now))


async def check_time_zone(transaction: Transaction, time_zone: str) -> None:
    """Raise InvalidInput for a time zone that the database does not know. One statement."""
    if await transaction.row(commands.time_zones, time_zone=time_zone) is None:
        raise invalid_input(UserErrorCode.INVALID, f"timeZone: {time_zone!r} is not a time zone.", "timeZone")


async def _move_due_days(transaction: Transaction, time_zone: str) -> None:
    await check_time_zone(transaction, time_zone)
    await transaction.rows(card_commands.move_due_days)
    # Without a due day, the log has the day on which they are shown again.
    await reschedule_all(transaction, lock_cards=lock_buried_cards)
