"""Imports a batch of notes: cards, their logs and schedules, and the result of each note, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from db.commands import card_tags as tag_commands
from db.commands import imports as commands
from db.commands import users as user_commands
from db.commands.jobs import lock_job_events
from db.core.transaction import Transaction
from db.queries.imports import ImportRow, cards_by_note_key
from db.queries.jobs import AttemptRow
from db.services import attempts
from db.services.import_contexts import save_contexts
from db.services.import_logs import card_of, save_logs
from db.services.import_matches import match_subjects
from db.services.import_subjects import Cards, Subject, find_cards, find_subjects
from db.services.import_tags import SavedTags, save_tags
from domain.ids import CardId
from domain.imports.mapping import ImportMapping
from domain.imports.matching import Match, MatchKind
from domain.imports.plan import Outcome, PlannedNote, SkippedNote
from domain.imports.report import ImportCounts, ReportLine, compress_report


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """Consecutive notes of a source. `position`: after them. `total`: of the notes of the source."""

    notes: Sequence[PlannedNote | SkippedNote]
    position: int
    total: int


async def save_batch(
    transaction: Transaction, attempt: AttemptRow, row: ImportRow, mapping: ImportMapping, batch: ImportBatch
) -> ImportCounts:
    """Save the notes, their results and the progress of the job. Up to 31 statements.

    What was imported before is found by its keys and not added again. Raises AttemptSuperseded; then nothing is saved.
    """
    await transaction.rows(lock_job_events)
    # First, so that a superseded attempt does not import notes that its successor has imported.
    message = f"{batch.position:,} of {batch.total:,} notes."
    await attempts.advance(transaction, attempt, message, done=batch.position, of=batch.total)
    # A learner's cards are imported by one transaction at a time.
    await transaction.row(user_commands.lock_settings)
    planned = [note for note in batch.notes if isinstance(note, PlannedNote)]
    matches = await match_subjects(transaction, (note.searched for note in planned))
    subjects = await find_subjects(transaction, planned, matches, mapping)
    cards, created = await find_cards(transaction, planned, subjects)
    known = await _known_cards(transaction, row, planned)
    counts = ImportCounts.from_json(row.counts)
    result = await save_logs(transaction, row, planned, subjects, cards, created, counts)
    tags = await save_tags(transaction, row.source, planned, subjects, cards)
    described = tags.cards | await save_contexts(transaction, planned, subjects, cards)
    if changed := described - created:
        await transaction.rows(tag_commands.touch_cards, ids=list(changed))
    # Each is that of the first note, as if later notes were in another batch.
    new = set(created)
    lines = [
        _skipped_line(note)
        if isinstance(note, SkippedNote)
        else _line(note, subjects[note.note.line], matches[note.searched], cards, new, result, tags)
        for note in batch.notes
    ]
    await _save_keys(transaction, row, planned, subjects, cards, known)
    counts.add_lines(lines)
    counts.created_cards += len(created)
    content = compress_report(lines)
    await transaction.rows(commands.insert_report, import_id=row.id, position=batch.position, content=content)
    await transaction.rows(commands.save_progress, import_id=row.id, position=batch.position, counts=counts.to_json())
    return counts


async def _known_cards(
    transaction: Transaction, row: ImportRow, notes: Iterable[PlannedNote]
) -> dict[tuple[str, int], CardId]:
    """Return the cards of notes that were imported before. One statement."""
    keys = list({note.note.key for note in notes})
    rows = await transaction.rows(cards_by_note_key, source=row.source, note_keys=keys)
    return {(row.note_key, row.ordinal): row.card_id for row in rows}


async def _save_keys(
    transaction: Transaction,
    row: ImportRow,
    notes: Iterable[PlannedNote],
    subjects: Mapping[int, Subject | None],
    cards: Cards,
    known: Mapping[tuple[str, int], CardId],
) -> None:
    keys = {
        (note.note.key, planned.ordinal): card.id
        for note in notes
        for planned in note.cards
        if (card := card_of(planned, subjects[note.note.line], cards)) is not None
    }
    changed = [(*key, id) for key, id in keys.items() if known.get(key) != id]
    if changed:
        await transaction.rows(commands.save_keys, source=row.source, **commands.key_values(changed))


def _skipped_line(note: SkippedNote) -> ReportLine:
    return ReportLine(note.line, note.outcome, note.form, message=note.reason)


def _line(
    note: PlannedNote,
    subject: Subject | None,
    found: Match,
    cards: Cards,
    new: set[CardId],
    added: Mapping[int, int],
    tags: SavedTags,
) -> ReportLine:
    """Describe a note, and remove its cards from `new`."""
    line, (form, reading) = note.note.line, note.expression
    if subject is None:
        outcome = Outcome.AMBIGUOUS if found.kind is MatchKind.AMBIGUOUS else Outcome.UNKNOWN
        words = ", ".join(f"{each.word} ({each.reading})" for each in found.candidates[:5])
        message = f"Several words match: {words}." if words else "The dictionary does not have it."
        return ReportLine(line, outcome, form, reading or "", message=message)
    own = [card for planned in note.cards if (card := card_of(planned, subject, cards)) is not None]
    reviews = added.get(line, 0)
    is_new = any(card.id in new for card in own)
    new.difference_update(card.id for card in own)
    outcome = Outcome.CREATED if is_new else Outcome.UPDATED if reviews else Outcome.UNCHANGED
    missing = len(note.cards) - len(own)
    messages = ["A word in kana, or without a reading, has no card for it."] if missing else []
    if omitted := tags.message_of(line):
        messages.append(omitted)
    return ReportLine(line, outcome, form, reading or "", len(own), reviews, " ".join(messages))
