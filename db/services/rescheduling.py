"""Recomputes schedules from the review log: the state of a card is the fold of its reviews."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from common.executors import COMPUTING, run_in
from db.commands import cards as card_commands
from db.commands import locked_cards as lock_commands
from db.commands import reviews as commands
from db.commands import schedule_changes as change_commands
from db.commands.locked_cards import LockedCardRow
from db.commands.reviews import LoggedReviewRow
from db.core.statement import Command
from db.core.transaction import Transaction
from db.services.computed_schedules import ComputedSchedules
from db.services.leeches import update_leeches
from domain.ids import CardId
from domain.scheduling import LogEntry, Schedule, ScheduleChange, fold

ResultT = TypeVar("ResultT")

# Is called with the number of log entries that were folded so far.
Progress = Callable[[int], Awaitable[None]]

# One entry takes 5 to 10 µs, so this many block the event loop for a few milliseconds at most.
_MAX_ENTRIES_IN_LOOP = 200

# Cards that are read, or saved, with the same statements.
BATCH_SIZE = 500


async def review_logs(transaction: Transaction, card_ids: Sequence[CardId]) -> dict[CardId, list[LoggedReviewRow]]:
    """Return the complete logs of the cards, each in order. One statement."""
    logs: dict[CardId, list[LoggedReviewRow]] = {id: [] for id in card_ids}
    for row in await transaction.rows(commands.reviews_by_card_id, ids=list(card_ids)):
        logs[row.card_id].append(row)
    # Not in the database, because its collation may sort keys differently from Python.
    for log in logs.values():
        log.sort(key=lambda row: row.answer.sort_key)
    return logs


async def schedule_changes(transaction: Transaction, card_ids: Sequence[CardId]) -> dict[CardId, list[ScheduleChange]]:
    """Return the other log entries of the cards, including those of all cards. One statement."""
    rows = await transaction.rows(change_commands.changes_by_card_id, ids=list(card_ids))
    of_all = [row.entry for row in rows if row.card_id is None]
    changes = {id: list(of_all) for id in card_ids}
    for row in rows:
        if row.card_id is not None:
            changes[row.card_id].append(row.entry)
    return changes


async def log_entries(transaction: Transaction, card_ids: Sequence[CardId]) -> dict[CardId, list[LogEntry]]:
    """Return all log entries of the cards that are not undone. Two statements."""
    logs = await review_logs(transaction, card_ids)
    changes = await schedule_changes(transaction, card_ids)
    return {id: [*(row.answer for row in log if not row.undone), *changes[id]] for id, log in logs.items()}


async def reschedule_cards(
    cards: Iterable[LockedCardRow], entries: Mapping[CardId, Sequence[LogEntry]]
) -> list[tuple[CardId, Schedule]]:
    """Recompute the schedule of each card that has a key in `entries`, from its creation."""
    folded = [card for card in cards if card.id in entries]

    def fold_all() -> list[tuple[CardId, Schedule]]:
        return [(card.id, fold(card.algorithm, card.id, card.new, entries[card.id])) for card in folded]

    return await in_thread_if_large(fold_all, sum(map(len, entries.values())))


async def in_thread_if_large(compute: Callable[[], ResultT], entries: int) -> ResultT:
    """Call `compute` in a thread if it processes many entries, so that it does not block other requests."""
    return compute() if entries <= _MAX_ENTRIES_IN_LOOP else await run_in(COMPUTING, compute)


async def save_schedules(transaction: Transaction, schedules: Iterable[tuple[CardId, Schedule]]) -> None:
    """Update the cards with the schedules. One statement."""
    await transaction.rows(card_commands.update_schedules, **card_commands.schedule_values(schedules))


async def reschedule_all(
    transaction: Transaction,
    progress: Progress | None = None,
    *,
    lock_cards: Command[LockedCardRow] = lock_commands.lock_reviewed_cards,
    computed: ComputedSchedules | None = None,
) -> None:
    """Recompute all cards with log entries, and save those that change. One statement, and four per 500 cards.

    `lock_cards`: of these cards, in batches by id. `computed`: is used instead for the cards that it has.
    """
    last_id, count = UUID(int=0), 0
    while cards := await transaction.rows(lock_cards, after_id=last_id, limit=BATCH_SIZE):
        known = [] if computed is None else [card for card in cards if computed.has(card)]
        changed: list[tuple[CardId, Schedule]] = []
        if computed is not None:
            changed = [(card.id, schedule) for card in known if (schedule := computed.changed(card)) is not None]
        if len(known) < len(cards):
            known_ids = {card.id for card in known}
            others = {card.id: card for card in cards if card.id not in known_ids}
            entries = await log_entries(transaction, list(others))
            schedules = await reschedule_cards(others.values(), entries)
            changed += [(id, schedule) for id, schedule in schedules if schedule != others[id].schedule]
            count += sum(map(len, entries.values()))
        if changed:
            await save_schedules(transaction, changed)
            await update_leeches(transaction, {card.id: card for card in cards}, changed)
        last_id = cards[-1].id
        if progress is not None:
            await progress(count)
