"""Computes the schedules of all cards of a learner without locks, for a job that saves them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID

from db.commands.locked_cards import LockedCardRow, read_reviewed_cards
from db.commands.users import lock_settings
from db.core.transaction import Transaction
from db.queries.users import VersionedSettingsRow, versioned_settings
from db.services.computed_schedules import ComputedSchedules
from db.services.rescheduling import BATCH_SIZE, Progress, in_thread_if_large, log_entries
from domain.errors import NotFound
from domain.ids import CardId
from domain.scheduling import LogEntry, Schedule, algorithm, fold
from domain.study_settings import SettingsChange

ResultT = TypeVar("ResultT")


class Run(Protocol):
    """Runs a transaction of the learner."""

    async def __call__(self, work: Callable[[Transaction], Awaitable[ResultT]], /) -> ResultT: ...


@dataclass(frozen=True, slots=True)
class _Slice:
    """Some cards with the entries of their logs."""

    settings: VersionedSettingsRow
    cards: list[LockedCardRow]
    entries: dict[CardId, list[LogEntry]]


# Returns the log of a card after a change of the log of all cards.
ChangeLog = Callable[[Sequence[LogEntry]], Sequence[LogEntry]]


async def compute_schedules(
    run: Run, change: SettingsChange, progress: Progress, change_log: ChangeLog = lambda entries: entries
) -> ComputedSchedules:
    """Compute all cards with log entries under the changed settings, each slice in a transaction of four statements.

    Stops early if the settings change meanwhile.
    """
    last_id, count = UUID(int=0), 0
    found = await run(partial(_read_slice, after_id=last_id))
    computed = ComputedSchedules(found.settings.version, change.applied_to(found.settings.scheduling))
    compute = algorithm(computed.settings)
    while found.cards and found.settings.version == computed.version:
        cards, entries = found.cards, found.entries

        def fold_all(
            cards: list[LockedCardRow] = cards, entries: dict[CardId, list[LogEntry]] = entries
        ) -> list[Schedule]:
            return [fold(compute, card.id, card.new, change_log(entries[card.id])) for card in cards]

        folded = sum(map(len, entries.values()))
        for card, schedule in zip(cards, await in_thread_if_large(fold_all, folded), strict=True):
            computed.add(card, schedule)
        last_id, count = cards[-1].id, count + folded
        await progress(count)
        found = await run(partial(_read_slice, after_id=last_id))
    return computed


async def lock_if_unchanged(transaction: Transaction, computed: ComputedSchedules | None) -> bool:
    """Lock the settings, so that no review is saved until the end of the transaction. Return whether they are as they
    were read for `computed`. Two statements."""
    await transaction.row(lock_settings)
    return computed is not None and (await _read_settings(transaction)).version == computed.version


async def _read_settings(transaction: Transaction) -> VersionedSettingsRow:
    settings = await transaction.row(versioned_settings)
    if settings is None:
        raise NotFound("Settings not found.")
    return settings


async def _read_slice(transaction: Transaction, after_id: UUID) -> _Slice:
    settings = await _read_settings(transaction)
    # Before their logs: a card gets another version with an entry that is added between.
    cards = await transaction.rows(read_reviewed_cards, after_id=after_id, limit=BATCH_SIZE)
    entries = await log_entries(transaction, [card.id for card in cards]) if cards else {}
    return _Slice(settings, cards, entries)
