"""Odd values for the cells of imported files, and what jobs compute of a source, without a database."""

import math
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import orjson

from domain.enums import CardState, ImportSourceKind, Scheduler
from domain.ids import CardId
from domain.imports.analysis import ImportAnalysis, MatchCounts, guess_mappings
from domain.imports.mapping import ImportMapping
from domain.imports.plan import PlannedNote, SkippedNote, plan_note
from domain.imports.records import ImportSource
from domain.imports.schedules import ImportedLog, to_log
from domain.reviews import LoggedReview, apply_reviews
from domain.scheduling import Answer, Schedule, SchedulingSettings, algorithm
from domain.scheduling.days import study_days
from domain.scheduling.schedule_json import schedule_from_json, schedule_to_json
from tests.content.anki.collections import TIME_ZONE

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAYS = study_days(TIME_ZONE, 4)
# `\udcff` is a byte that is not UTF-8.
ODD_TEXTS = (
    *("", " ", "nan", "NaN", "inf", "-inf", "Infinity", "-Infinity", "1e999", "-1", "-0", "0", "9", "1.5", "1e308"),
    *("1e-320", "-1e-320", str(2**31), str(2**63), str(-(2**63)), str(2**200), "１２", "1_000", "0x10", "true", "TRUE"),
    *("null", "None", "\0", "a\0b", "\udcff", "a\udcffb", "\ufffd", "\u202e", "\ufeff", "\u0301", "<b>x</b>", "=1+1"),
    *("'", '"', "; ; ;", "\r\n", "\\", "\\;", ";", "x" * 70_000, "𠮷" * 6_000, "[]", "{}"),
    *("0000-00-00T00:00:00Z", "1900-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-23:59"),
    *("2026-02-30T00:00:00Z", "2026-01-01", "2016-12-31T23:59:60Z", "2199-12-31T23:59:59Z", "2026-11-28T12:00:00Z"),
)
ODD_NUMBERS = (
    *(0, -1, 1, 2, 3, 4, 5, 20, 255, 10**6, 10**9, 2**31, 2**53, 2**63 - 1, -(2**31), -(2**63), 0.5, -0.5, 1e300),
)
_ALGORITHMS = [algorithm(SchedulingSettings(scheduler, time_zone=TIME_ZONE)) for scheduler in Scheduler]
_CARD = CardId(UUID(int=1))


def check_source(source: ImportSource, kind: ImportSourceKind) -> list[PlannedNote | SkippedNote]:
    """Analyse and plan all notes, and fold their cards by each algorithm. All results can be stored."""
    summary = source.summary()
    note_types = guess_mappings(summary)
    analysis = ImportAnalysis.of(summary, note_types, MatchCounts())
    _check_storable(analysis.to_json())
    mapping = ImportMapping({each.note_type.name: each.guess for each in note_types})
    _check_storable(orjson.dumps(mapping.to_json()).decode())
    read_log = partial(to_log, source=kind, days=DAYS, now=NOW)
    planned = [plan_note(note, mapping, read_log) for note in source.notes()]
    for note in planned:
        if isinstance(note, SkippedNote):
            assert note.reason
            continue
        for text in (note.note.key, *note.expression, note.meaning, note.sentence, *note.note.tags):
            _check_storable(text or "")
        for card in note.cards:
            assert 0 <= card.ordinal < 2**15
            if card.log is not None:
                _check_log(card.log)
    assert [type(note) for note in map(partial(plan_note, mapping=mapping, to_log=read_log), source.notes())] == [
        type(note) for note in planned
    ]
    return planned


def _check_log(log: ImportedLog) -> None:
    for change in log.changes:
        _check_storable(change.idempotency_key)
        if change.imported is not None:
            assert schedule_from_json(schedule_to_json(change.imported)) == change.imported
            _check_schedule(change.imported)
            assert change.imported.state is not CardState.REVIEW or change.imported.interval_days >= 1
    for review in log.reviews:
        _check_storable(review.answer.idempotency_key)
        assert 0 <= review.answer.quality <= 5
        assert review.duration_ms is None or 0 <= review.duration_ms <= 60_000
    for chosen in _ALGORITHMS:
        new = Schedule.initial(NOW)
        schedule = apply_reviews(chosen, _CARD, new, log.changes, log.reviews).schedule
        _check_schedule(schedule)
        # Reviews after the import: on the due day, and before it.
        for days, quality in ((3, 4), (3, 3), (5, 1), (5, 5), (9, 5)):
            at = NOW + timedelta(days=days)
            answer = Answer(at, f"after {days} {quality}", quality, chosen.days.day_of(at))
            schedule = apply_reviews(chosen, _CARD, schedule, (), [LoggedReview(answer, None)]).schedule
            _check_schedule(schedule)


def _check_schedule(schedule: Schedule) -> None:
    assert 0 <= schedule.interval_days <= 36_500
    assert 1.3 <= schedule.ease_factor < math.inf
    assert schedule.stability is None or 0 <= schedule.stability <= 36_500
    assert schedule.difficulty is None or 1 <= schedule.difficulty <= 10
    assert 0 <= schedule.lapses < 2**31
    assert 0 <= schedule.repetitions < 2**31


def _check_storable(text: str) -> None:
    assert "\0" not in text
    assert "\\u0000" not in text
    text.encode()
