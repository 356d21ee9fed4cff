"""Saves the logs of imported cards, and folds the cards from their complete logs."""

from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from common.executors import COMPUTING
from common.read_ahead import read_ahead
from db.commands import imports as commands
from db.commands import reviews as review_commands
from db.commands import saved_reviews as save_commands
from db.commands import schedule_changes as change_commands
from db.commands.locked_cards import LockedCardRow
from db.core.transaction import Transaction
from db.queries.imports import ImportRow
from db.services.import_subjects import Cards, NewCard, Subject
from db.services.leeches import update_leeches
from db.services.rescheduling import review_logs, schedule_changes
from db.services.reviews import new_review
from domain.enums import ImportSourceKind
from domain.ids import CardId, ReviewId, new_id, new_ids
from domain.imports.plan import PlannedCard, PlannedNote
from domain.imports.repeated import repeated_changes, repeated_reviews
from domain.imports.report import ImportCounts
from domain.imports.schedules import ImportedLog
from domain.reviews import DailyTotalsDelta, LoggedReview, apply_reviews
from domain.scheduling import Answer, LogEntry, Schedule, ScheduleChange
from domain.scheduling.schedule_json import schedule_to_json

# Of a statement.
_PART_REVIEWS = 2_500


@dataclass(slots=True)
class _CardLog:
    """What the notes of a batch add to a card."""

    card: LockedCardRow | NewCard
    reviews: dict[str, LoggedReview] = field(default_factory=dict)
    changes: dict[str, ScheduleChange] = field(default_factory=dict)
    suspended: bool = False
    flag: int = 0


def card_of(planned: PlannedCard, subject: Subject | None, cards: Cards) -> LockedCardRow | NewCard | None:
    return None if subject is None else cards.get((subject, planned.kind))


async def save_logs(
    transaction: Transaction,
    row: ImportRow,
    notes: Sequence[PlannedNote],
    subjects: Mapping[int, Subject | None],
    cards: Cards,
    created: Collection[CardId],
    counts: ImportCounts,
) -> dict[int, int]:
    """Save reviews and other entries of the logs, fold the cards from their logs, and suspend leeches. Up to eight
    statements.

    `created`: the new cards, which are inserted. Returns the number of new reviews of each note by its line.
    """
    logs: dict[CardId, _CardLog] = {}
    lines: dict[str, int] = {}
    for note in notes:
        for planned in note.cards:
            card = card_of(planned, subjects[note.note.line], cards)
            if card is None:
                continue
            log = logs.setdefault(card.id, _CardLog(card))
            if planned.card is None or planned.log is None:
                continue
            log.suspended |= planned.card.suspended
            log.flag = log.flag or planned.card.flag
            counts.omitted_reviews += planned.log.omitted
            _add_entries(log, planned.log, lines, note.note.line)
    used = await _used_keys(transaction, list(lines))
    for log in logs.values():
        log.reviews = {key: review for key, review in log.reviews.items() if key not in used}
    earlier = await _earlier_entries(transaction, [log for log in logs.values() if _is_changed(log, created)], created)
    repeated = sum(_remove_repeated(logs[id], entries, lines) for id, entries in earlier.items())
    added = Counter(lines[key] for log in logs.values() for key in log.reviews)
    counts.repeated_reviews += len(used) + repeated
    counts.created_reviews += added.total()
    changed = [log for log in logs.values() if _is_changed(log, created)]
    schedules = await _fold(transaction, changed, {id: entries.counted for id, entries in earlier.items()})
    await _save_changes(transaction, logs.values())
    # Exports from here say which leeches the learner resumed.
    if row.source != ImportSourceKind.SHINJP_EXPORT:
        await update_leeches(transaction, {id: log.card for id, log in logs.items()}, schedules)
    marks = [
        (log.card.id, log.suspended, log.flag)
        for log in logs.values()
        if log.card.deleted_at is not None
        or (log.suspended and not log.card.suspended)
        or (log.flag and not log.card.flag)
    ]
    if marks:
        await transaction.rows(commands.mark_cards, **commands.mark_values(marks))
    return added


def _add_entries(log: _CardLog, entries: ImportedLog, lines: dict[str, int], line: int) -> None:
    for review in entries.reviews:
        if review.answer.idempotency_key not in lines:
            log.reviews[review.answer.idempotency_key] = review
            lines[review.answer.idempotency_key] = line
    for change in entries.changes:
        log.changes[change.idempotency_key] = change


def _is_changed(log: _CardLog, created: Collection[CardId]) -> bool:
    return bool(log.reviews or log.changes) or log.card.id in created


@dataclass(frozen=True, slots=True)
class _EarlierEntries:
    """The log of a card. `counted`: without reviews that were undone."""

    answers: list[Answer]
    counted: list[LogEntry]


async def _earlier_entries(
    transaction: Transaction, logs: Sequence[_CardLog], created: Collection[CardId]
) -> dict[CardId, _EarlierEntries]:
    """Return the logs before new entries are saved. Two statements, one if all cards are new, none for no cards.

    A search in all partitions of the log takes milliseconds for a thousand cards.
    """
    if not logs:
        return {}
    ids = [log.card.id for log in logs]
    reviewed = [id for id in ids if id not in created]
    reviews = await review_logs(transaction, reviewed) if reviewed else {}
    # Those of new cards are entries of vacations, which apply to all cards.
    changes = await schedule_changes(transaction, ids)
    found: dict[CardId, _EarlierEntries] = {}
    for id in ids:
        rows = reviews.get(id, [])
        counted: list[LogEntry] = [*(row.answer for row in rows if not row.undone), *changes[id]]
        found[id] = _EarlierEntries([row.answer for row in rows], counted)
    return found


def _remove_repeated(log: _CardLog, earlier: _EarlierEntries, lines: Mapping[str, int]) -> int:
    """Remove what the card has under other keys, as reviews that were exported from here. Returns how many reviews."""
    known = [answer for answer in earlier.answers if answer.idempotency_key not in lines]
    reviews = repeated_reviews(known, log.reviews.values())
    changes = repeated_changes(earlier.counted, log.changes.values())
    log.reviews = {key: review for key, review in log.reviews.items() if key not in reviews}
    log.changes = {key: change for key, change in log.changes.items() if key not in changes}
    return len(reviews)


async def _used_keys(transaction: Transaction, keys: list[str]) -> set[str]:
    if not keys:
        return set()
    return {row.idempotency_key for row in await transaction.rows(review_commands.known_keys, keys=keys)}


async def _save_changes(transaction: Transaction, logs: Iterable[_CardLog]) -> None:
    entries = [
        (
            new_id(),
            log.card.id,
            change.kind.value,
            change.changed_at,
            change.day,
            change.due_day,
            0,
            None if change.imported is None else schedule_to_json(change.imported),
            change.idempotency_key,
        )
        for log in logs
        for change in log.changes.values()
    ]
    if entries:
        values = change_commands.change_values(entries, transaction.now)
        await transaction.rows(change_commands.save_imported, **values)


async def _fold(
    transaction: Transaction, logs: Sequence[_CardLog], earlier: Mapping[CardId, Sequence[LogEntry]]
) -> list[tuple[CardId, Schedule]]:
    """Compute cards from their complete logs, and save them with their reviews. One statement for each part.

    Returns the schedules that changed.
    """
    if not logs:
        return []
    schedules: list[tuple[CardId, Schedule]] = []
    async with aclosing(read_ahead(_folded(logs, earlier), COMPUTING)) as parts:
        async for part in parts:
            await transaction.rows(save_commands.save_imported, **part.values)
            schedules += part.schedules
    return schedules


@dataclass(frozen=True, slots=True)
class _FoldedPart:
    """`schedules`: of cards that changed or are new. `values`: the parameters that save them with their reviews."""

    schedules: list[tuple[CardId, Schedule]]
    values: dict[str, str]


def _folded(
    logs: Sequence[_CardLog], earlier: Mapping[CardId, Sequence[LogEntry]]
) -> Generator[_FoldedPart, None, None]:
    """Yield parts, of which one is computed while PostgreSQL saves another. The last one has the totals of the days."""
    totals: list[DailyTotalsDelta] = []
    parts = list(_split(logs))
    for number, part in enumerate(parts, start=1):
        outcomes = {
            log.card.id: apply_reviews(
                log.card.algorithm,
                log.card.id,
                log.card.new,
                _with_changes(earlier[log.card.id], log.changes),
                list(log.reviews.values()),
                counted=earlier[log.card.id],
            )
            for log in part
        }
        ids = iter(new_ids(sum(len(log.reviews) for log in part)))
        saved = [
            new_review(ReviewId(next(ids)), log.card.id, review, outcomes[log.card.id].intervals[key])
            for log in part
            for key, review in log.reviews.items()
        ]
        totals += [change for outcome in outcomes.values() for change in outcome.changes]
        moved: list[tuple[CardId, Schedule]] = []
        new: list[tuple[NewCard, Schedule]] = []
        for log in part:
            card, schedule = log.card, outcomes[log.card.id].schedule
            if isinstance(card, NewCard):
                new.append((card, schedule))
            elif schedule != card.schedule or _adds_entries(log, earlier[card.id]):
                moved.append((card.id, schedule))
        days = totals if number == len(parts) else []
        rows = (card.values(schedule) for card, schedule in new)
        schedules = [*moved, *((card.id, schedule) for card, schedule in new)]
        calendar = part[0].card.algorithm.days
        yield _FoldedPart(schedules, save_commands.imported_values(saved, moved, days, rows, calendar))


def _adds_entries(log: _CardLog, earlier: Sequence[LogEntry]) -> bool:
    """Whether the card needs another version, by which a job that reschedules cards knows that its log is another."""
    return bool(log.reviews) or any(change not in earlier for change in log.changes.values())


def _split(logs: Iterable[_CardLog]) -> Iterator[list[_CardLog]]:
    """Yield the logs in parts of about as many reviews."""
    part: list[_CardLog] = []
    reviews = 0
    for log in logs:
        part.append(log)
        reviews += len(log.reviews)
        if reviews >= _PART_REVIEWS:
            yield part
            part, reviews = [], 0
    if part:
        yield part


def _with_changes(earlier: Sequence[LogEntry], changes: Mapping[str, ScheduleChange]) -> list[LogEntry]:
    return [*(entry for entry in earlier if entry.idempotency_key not in changes), *changes.values()]
