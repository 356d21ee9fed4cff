"""The jobs that analyse and import cards and reviews from other programs."""

from collections.abc import Callable, Generator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from uuid import UUID

import orjson

from common.executors import COMPUTING, run_in
from common.read_ahead import read_ahead
from common.storage import Storage
from db.queries.imports import ImportRow, imports_by_id
from db.services import imports as import_service
from db.services.import_batches import ImportBatch, save_batch
from db.services.import_matches import match_subjects
from db.services.import_words import chosen_words
from domain.errors import ErrorCode
from domain.ids import ImportId
from domain.imports.analysis import AmbiguousWord, ImportAnalysis, MatchCounts, guess_mappings
from domain.imports.mapping import ImportMapping, NoteTypeMapping, read_fields
from domain.imports.matching import SearchedSubject
from domain.imports.plan import PlannedNote, SkippedNote, plan_note
from domain.imports.records import ImportedNote, ImportSource, RejectedNote, SourceRejectedError, SourceSummary
from domain.imports.schedules import ImportedLog, to_log
from domain.jobs import JobFailed
from jobs.attempts import Attempt
from jobs.import_sources import days_of, open_source

# Of a transaction. One of this size takes about a second.
BATCH_NOTES, BATCH_REVIEWS = 1_000, 10_000
_ANALYZED_NOTES = 2_000


async def analyze_import(attempt: Attempt, storage: Storage) -> None:
    """Save what is in the source. Safe to repeat: the first attempt that finishes counts. Raises JobFailed."""
    row = await _import_of(attempt)
    if row.analysis is not None:
        return
    async with open_source(attempt, row, storage, await days_of(attempt)) as source:
        summary = await run_in(COMPUTING, source.summary)
        if not summary.note_count:
            # There would be nothing to confirm, and no report that names the lines.
            raise SourceRejectedError(await run_in(COMPUTING, _describe_empty, source))
        analysis, ambiguous = await _analyze(attempt, source, summary)
    save = partial(import_service.save_analysis, id=row.id, analysis=analysis, ambiguous_words=ambiguous)
    await attempt.write(partial(save, attempt=attempt.job))


async def run_import(attempt: Attempt, storage: Storage) -> None:
    """Import the notes in batches. Raises JobFailed.

    Safe to repeat: an attempt continues after the batches that were saved.
    """
    row = await _import_of(attempt)
    if row.mapping is None or row.analysis is None:
        raise JobFailed(ErrorCode.NOT_FOUND, "The import is not confirmed.", retryable=False)
    mapping = await run_in(COMPUTING, _decode_mapping, row.mapping)
    chosen = await chosen_words(attempt.reads(), row.id)
    mapping = replace(mapping, choices={**chosen, **mapping.choices})
    total = ImportAnalysis.from_json(row.analysis, row.id).note_count
    days = await days_of(attempt)
    read_log = partial(to_log, source=row.source, days=days)
    async with open_source(attempt, row, storage, days) as source:
        position = row.position
        # Closed before the source.
        async with aclosing(read_ahead(_batches(source, position, mapping, read_log), COMPUTING)) as batches:
            async for notes in batches:
                position += len(notes)
                batch = ImportBatch(notes, position, max(total, position))
                current = await _import_of(attempt)
                save = partial(save_batch, attempt=attempt.job, row=current, mapping=mapping, batch=batch)
                await attempt.write(save)
    await attempt.write(
        partial(import_service.finish_import, attempt=attempt.job, id=row.id, total=max(total, position))
    )


async def _import_of(attempt: Attempt) -> ImportRow:
    id = ImportId(UUID(attempt.input["importId"]))
    row = await attempt.reads().row(imports_by_id, ids=[id], viewer_id=attempt.viewer.id)
    if row is None:
        raise JobFailed(ErrorCode.NOT_FOUND, "The import was deleted.", retryable=False)
    return row


async def _analyze(
    attempt: Attempt, source: ImportSource, summary: SourceSummary
) -> tuple[ImportAnalysis, list[AmbiguousWord]]:
    note_types = guess_mappings(summary)
    guesses = {each.note_type.name: each.guess for each in note_types}
    counts, done = MatchCounts(), 0
    of = max(summary.note_count, 1)
    async with aclosing(read_ahead(_subjects(source, guesses), COMPUTING)) as subjects:
        async for found in subjects:
            counts.add(found, await match_subjects(attempt.reads(), found))
            done = min(done + len(found), of)
            await attempt.advance(f"{done:,} of {of:,} notes.", done=done, of=of)
    return ImportAnalysis.of(summary, note_types, counts), counts.ambiguous_words()


def _describe_empty(source: ImportSource) -> str:
    rejected = next((note for note in source.notes() if isinstance(note, RejectedNote)), None)
    if rejected is None:
        return "The file has nothing to import."
    return f"The file has no line that can be read. Line {rejected.line}: {rejected.reason}"


def _subjects(
    source: ImportSource, guesses: dict[str, NoteTypeMapping]
) -> Generator[list[SearchedSubject], None, None]:
    """Yield what the notes are about, a batch for each statement."""
    notes = (note for note in source.notes() if isinstance(note, ImportedNote) and note.note_type in guesses)
    while batch := list(islice(notes, _ANALYZED_NOTES)):
        yield [_searched(note, guesses[note.note_type]) for note in batch]


def _searched(note: ImportedNote, mapped: NoteTypeMapping) -> SearchedSubject:
    return SearchedSubject(mapped.subject, read_fields(note, mapped).expression, note.exact_subject)


def _batches(
    source: ImportSource, start: int, mapping: ImportMapping, read_log: Callable[..., ImportedLog]
) -> Generator[list[PlannedNote | SkippedNote], None, None]:
    """Yield notes of a limited number of reviews; the last note of a batch may exceed it."""
    batch: list[PlannedNote | SkippedNote] = []
    reviews = 0
    read_now = partial(read_log, now=datetime.now(UTC))
    for note in source.notes(start):
        batch.append(plan_note(note, mapping, read_now))
        if not isinstance(note, RejectedNote):
            reviews += sum(len(card.reviews) for card in note.cards)
        if len(batch) >= BATCH_NOTES or reviews >= BATCH_REVIEWS:
            yield batch
            batch, reviews = [], 0
            read_now = partial(read_log, now=datetime.now(UTC))
    if batch:
        yield batch


def _decode_mapping(text: str) -> ImportMapping:
    return ImportMapping.from_json(orjson.loads(text))
