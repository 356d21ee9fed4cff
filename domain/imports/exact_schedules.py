"""Restores the schedule of a card that an export of ShinJP states."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.enums import ScheduleChangeKind
from domain.ids import CardId
from domain.imports.records import ExactCard
from domain.scheduling import LogEntry, Schedule, ScheduleChange, SchedulingAlgorithm, fold
from domain.timestamps import MIN_TIMESTAMP

# After the entries of the same time.
_AFTER = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class StatedSchedule:
    """`newest_at`: of the entries in the export. `key`: of the entry that sets the schedule."""

    card: ExactCard
    newest_at: datetime
    key: str

    def entry_for(
        self,
        algorithm: SchedulingAlgorithm,
        id: CardId,
        new: Schedule,
        entries: Iterable[LogEntry],
        source_keys: Collection[str],
        now: datetime,
    ) -> ScheduleChange | None:
        """Return the entry that sets the schedule, if the log does not lead to it.

        The settings of another account may differ, an export may have less than the whole log, and packages of Anki
        have no days. A log in which others than the export wrote before its end leads elsewhere, and is kept: that of
        the account that was exported, and one of a learner who had the card before.
        """
        if id == self.card.id:
            return None
        at = min(self.newest_at + _AFTER, now)
        before = [entry for entry in entries if entry.sort_key <= (at, self.key)]
        if any(self._is_foreign(entry, source_keys) for entry in before):
            return None
        stated = self.card.schedule
        if _comparable(fold(algorithm, id, new, before)) == _comparable(stated):
            return None
        day = algorithm.days.day_of(at)
        return ScheduleChange(at, self.key, ScheduleChangeKind.IMPORT, day, stated.due_day, imported=stated)

    def _is_foreign(self, entry: LogEntry, source_keys: Collection[str]) -> bool:
        # Vacations are of all cards.
        is_vacation = isinstance(entry, ScheduleChange) and entry.kind is ScheduleChangeKind.VACATION
        return not is_vacation and entry.idempotency_key != self.key and entry.idempotency_key not in source_keys


def newest_time(card: ExactCard, times: Sequence[datetime]) -> datetime:
    """Return the time of the newest entry of a card, of which `times` are those of its reviews."""
    stated = (card.schedule.last_reviewed_at, card.schedule.first_reviewed_at)
    return max([card.created_at, *times, *(change.changed_at for change in card.changes), *filter(None, stated)])


def _comparable(schedule: Schedule) -> Schedule:
    """Without the time of the newest entry, which exports do not have, and the start of the due day, which follows."""
    if schedule.due_day is not None:
        return schedule._replace(last_entry_at=None, due_at=MIN_TIMESTAMP)
    return schedule._replace(last_entry_at=None)
