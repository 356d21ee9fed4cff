"""Saves the logs of imported cards, and folds the cards from their complete logs."""

from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

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
from domain.enums import ImportSourceKind, ScheduleChangeKind
from domain.ids import CardId, ReviewId, new_id, new_ids
from domain.imports.exact_schedules import StatedSchedule
from domain.imports.plan import PlannedCard, PlannedNote
from domain.imports.repeated import repeated_changes, repeated_reviews
from domain.imports.report import ImportCounts
from domain.imports.schedules import ImportedLog
from domain.reviews import DailyTotalsDelta, LoggedReview, MovedInterval, ReviewOutcome, apply_reviews
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
    # Of an export of ShinJP: reviews that were undone, what it has about reviews and the card, and all of its keys.
    undone: dict[str, LoggedReview] = field(default_factory=dict)
    intervals: dict[str, MovedInterval] = field(default_factory=dict)
    interval_days: dict[str, tuple[float, float]] = field(default_factory=dict)
    stated: StatedSchedule | None = None
    source_keys: set[str] = field(default_factory=set)


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
    """Save reviews and other entries of the logs, fold the cards from their logs, and suspend leeches. Up to nine
    statements.

    `created`: the new cards, which are inserted. Returns the number of new reviews of each note by its line.
    """
    logs: dict[CardId, _CardLog] = {}
    lines: dict[str, int] = {}
    changed_keys: set[str] = set()
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
            _add_changes(log, planned.log.changes, changed_keys, is_new=card.id in created)
    used = await _used_keys(transaction, list(lines.keys() | {key for log in logs.values() for key in log.undone}))
    known_changes = await _known_changes(transaction, logs.values())
    taken = used | lines.keys()
    for log in logs.values():
        log.reviews = {key: review for key, review in log.reviews.items() if key not in used}
        log.undone = {key: review for key, review in log.undone.items() if key not in taken}
        taken.update(log.undone)
        log.changes = {key: change for key, change in log.changes.items() if key not in known_changes}
    earlier = await _earlier_entries(transaction, [log for log in logs.values() if _is_changed(log, created)], created)
    repeated = sum(_remove_repeated(logs[id], entries, lines) for id, entries in earlier.items())
    added = Counter(lines[key] for log in logs.values() for key in log.reviews)
    counts.repeated_reviews += len(used & lines.keys()) + repeated
    counts.created_reviews += added.total()
    changed = [log for log in logs.values() if _is_changed(log, created)]
    schedules = await _fold(transaction, changed, earlier)
    await _save_changes(transaction, logs.values())
    # Exports from here say which leeches the learner resumed.
    if row.source != ImportSourceKind.SHINJP_EXPORT:
        unstated = {id: log.card for id, log in logs.items() if log.stated is None}
        await update_leeches(transaction, unstated, [each for each in schedules if each[0] in unstated])
    marks = [_marks(log) for log in logs.values() if _has_marks(log, created)]
    if marks:
        await transaction.rows(commands.mark_cards, **commands.mark_values(marks))
    return added


def _has_marks(log: _CardLog, created: Collection[CardId]) -> bool:
    return (
        log.card.deleted_at is not None
        or (log.suspended and not log.card.suspended)
        or bool(log.flag and not log.card.flag)
        or (log.stated is not None and log.card.id in created and log.stated.card.dismissed_leech_marks > 0)
    )


def _marks(log: _CardLog) -> tuple[object, ...]:
    """Return the parameters of `mark_cards` for a card."""
    if log.stated is None:
        return (log.card.id, log.suspended, log.flag, False, 0)
    exact = log.stated.card
    return (log.card.id, log.suspended, log.flag, exact.suspended_as_leech, exact.dismissed_leech_marks)


def _add_entries(log: _CardLog, entries: ImportedLog, lines: dict[str, int], line: int) -> None:
    for review in entries.reviews:
        if review.answer.idempotency_key not in lines:
            log.reviews[review.answer.idempotency_key] = review
            lines[review.answer.idempotency_key] = line
    if entries.stated is not None:
        log.stated = entries.stated
        log.undone |= {review.answer.idempotency_key: review for review in entries.undone}
        log.intervals |= entries.intervals
        log.interval_days |= entries.interval_days
        log.source_keys |= {*log.reviews, *(change.idempotency_key for change in entries.changes)}


def _add_changes(log: _CardLog, changes: Iterable[ScheduleChange], used: set[str], *, is_new: bool) -> None:
    """Add entries other than reviews, except those whose keys another card of the batch has."""
    for change in changes:
        key = change.idempotency_key
        # Entries of all cards of the exported account, which other cards than new ones may have.
        is_possible = is_new or change.kind is not ScheduleChangeKind.VACATION
        if is_possible and (key in log.changes or key not in used):
            log.changes[key] = change
            used.add(key)


def _is_changed(log: _CardLog, created: Collection[CardId]) -> bool:
    return bool(log.reviews or log.undone or log.changes) or log.card.id in created


@dataclass(frozen=True, slots=True)
class _EarlierEntries:
    """The log of a card. `counted`: without reviews that were undone."""

    answers: list[Answer]
    counted: list[LogEntry]

    @property
    def undone_keys(self) -> set[str]:
        return {answer.idempotency_key for answer in self.answers} - {entry.idempotency_key for entry in self.counted}


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


async def _known_changes(transaction: Transaction, logs: Iterable[_CardLog]) -> set[str]:
    """Return the keys of entries of exports that the learner has, also undone ones. Up to one statement."""
    keys = [key for log in logs if log.stated is not None for key in log.changes]
    if not keys:
        return set()
    return {row.idempotency_key for row in await transaction.rows(change_commands.known_changes, keys=keys)}


async def _save_changes(transaction: Transaction, logs: Iterable[_CardLog]) -> None:
    entries = [
        (
            new_id(),
            log.card.id,
            change.kind.value,
            change.changed_at,
            change.day,
            change.due_day,
            change.days,
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
    transaction: Transaction, logs: Sequence[_CardLog], earlier: Mapping[CardId, _EarlierEntries]
) -> list[tuple[CardId, Schedule]]:
    """Compute cards from their complete logs, and save them with their reviews. One statement for each part, two if
    reviews of it were undone.

    Returns the schedules that changed.
    """
    if not logs:
        return []
    schedules: list[tuple[CardId, Schedule]] = []
    async with aclosing(read_ahead(_folded(logs, earlier, transaction.now), COMPUTING)) as parts:
        async for part in parts:
            await transaction.rows(save_commands.save_imported, **part.values)
            if part.undone:
                await transaction.rows(review_commands.undo_reviews, **review_commands.undo_values(part.undone))
            schedules += part.schedules
    return schedules


@dataclass(frozen=True, slots=True)
class _FoldedPart:
    """`schedules`: of cards that changed or are new. `undone`: reviews that count as undone.

    `values`: the parameters that save the cards with their reviews.
    """

    schedules: list[tuple[CardId, Schedule]]
    undone: list[tuple[ReviewId, datetime]]
    values: dict[str, str]


def _folded(
    logs: Sequence[_CardLog], earlier: Mapping[CardId, _EarlierEntries], now: datetime
) -> Generator[_FoldedPart, None, None]:
    """Yield parts, of which one is computed while PostgreSQL saves another. The last one has the totals of the days."""
    totals: list[DailyTotalsDelta] = []
    parts = list(_split(logs))
    for number, part in enumerate(parts, start=1):
        for log in part:
            _restore_schedule(log, earlier[log.card.id], now)
        outcomes = {
            log.card.id: apply_reviews(
                log.card.algorithm,
                log.card.id,
                log.card.new,
                _with_changes(earlier[log.card.id].counted, log.changes),
                list(log.reviews.values()),
                counted=earlier[log.card.id].counted,
            )
            for log in part
        }
        ids = iter(new_ids(sum(len(log.reviews) + len(log.undone) for log in part)))
        saved = [
            new_review(ReviewId(next(ids)), log.card.id, review, _interval_of(log, key, outcomes[log.card.id]))
            for log in part
            for key, review in log.reviews.items()
        ]
        undone = [
            new_review(ReviewId(next(ids)), log.card.id, review, log.intervals[key])
            for log in part
            for key, review in log.undone.items()
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
        values = save_commands.imported_values([*saved, *undone], moved, days, rows, calendar)
        yield _FoldedPart(schedules, [(review.id, review.reviewed_at) for review in undone], values)


def _adds_entries(log: _CardLog, earlier: _EarlierEntries) -> bool:
    """Whether the card needs another version, by which a job that reschedules cards knows that its log is another."""
    return bool(log.reviews) or any(change not in earlier.counted for change in log.changes.values())


def _interval_of(log: _CardLog, key: str, outcome: ReviewOutcome) -> MovedInterval:
    """What the export has, or else what the fold computes."""
    if key in log.intervals:
        return log.intervals[key]
    computed = outcome.intervals[key]
    if key not in log.interval_days:
        return computed
    before, after = log.interval_days[key]
    return computed._replace(before=before, after=after)


def _restore_schedule(log: _CardLog, earlier: _EarlierEntries, now: datetime) -> None:
    """Add the entry that sets the schedule of an export, if it is needed."""
    # A learner who undid a review of the export since then has another schedule.
    if log.stated is None or log.source_keys & earlier.undone_keys:
        return
    added = [review.answer for review in log.reviews.values()]
    entries = [*_with_changes(earlier.counted, log.changes), *added]
    card = log.card
    entry = log.stated.entry_for(card.algorithm, card.id, card.new, entries, log.source_keys, now)
    if entry is not None:
        log.changes[entry.idempotency_key] = entry


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
