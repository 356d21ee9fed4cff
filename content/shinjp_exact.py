"""What the rows of an export have in addition to what other programs know: everything that restores a card exactly."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import orjson

from content.shinjp_rows import ExportedRow, InvalidRowError
from domain.card_context import MAX_CONTEXT_LENGTH
from domain.card_tags import split_tags
from domain.custom_vocabulary import CustomWord
from domain.enums import CardState, ScheduleChangeKind
from domain.ids import BookId, CardId, VocabularyId
from domain.imports.records import ExactCard, ExactContext, ExactSubject
from domain.imports.text import MAX_EXPRESSION_LENGTH, MAX_MEANING_LENGTH, clean_line
from domain.scheduling import Schedule, ScheduleChange
from domain.scheduling.settings import MAX_INTERVAL_DAYS
from domain.scheduling.sm2 import MIN_EASE_FACTOR
from domain.text import is_visible_text

# Exports of earlier versions do not have them.
EXACT_COLUMNS = (
    *("subjectId", "dueDay", "learningStep", "firstReviewedAt", "lastReviewedDay", "suspendedAsLeech"),
    *("dismissedLeechMarks", "scheduleChanges", "contextBookId", "contextPage"),
)
MAX_COUNT = 1_000_000
# SM-2 adds at most 0.1 for an answer.
MAX_EASE_FACTOR = 1_000.0
MIN_STABILITY, MIN_DIFFICULTY, MAX_DIFFICULTY = 0.0001, 1.0, 10.0
_MAX_STEP, _MAX_MARKS, _MAX_PAGE, _MAX_CHANGES = 1_000, 1_000_000, 1_000_000, 300
_MAX_SHIFT_DAYS, _MAX_KEY_LENGTH = 366, 200
# The columns of a schedule by the names of a log entry that sets one.
_SCHEDULE_COLUMNS = {
    "state": "state",
    "due_at": "dueAt",
    "due_day": "dueDay",
    "interval_days": "intervalDays",
    "ease_factor": "easeFactor",
    "stability": "stability",
    "difficulty": "difficulty",
    "learning_step": "learningStep",
    "repetitions": "repetitions",
    "lapses": "lapses",
    "first_reviewed_at": "firstReviewedAt",
    "last_reviewed_at": "lastReviewedAt",
    "last_reviewed_day": "lastReviewedDay",
}
_CHANGE_COLUMNS = ("kind", "changedAt", "day", "dueDay", "days", "idempotencyKey")
_KINDS = set(ScheduleChangeKind) - {ScheduleChangeKind.SETTINGS}


class SubjectKind(StrEnum):
    """What a card is about."""

    WORD = "WORD"
    OWN_WORD = "OWN_WORD"
    KANJI = "KANJI"


def _read_subject(row: ExportedRow) -> ExactSubject | None:
    """Return the entry or the own word of the row; None for a kanji, which its character names."""
    match row.member("subject", SubjectKind):
        case SubjectKind.WORD:
            return row.id("subjectId", VocabularyId)
        case SubjectKind.OWN_WORD:
            word = clean_line(row.text("word", MAX_EXPRESSION_LENGTH, required=True), MAX_EXPRESSION_LENGTH)
            reading = clean_line(row.text("reading", MAX_EXPRESSION_LENGTH), MAX_EXPRESSION_LENGTH)
            return CustomWord(word, reading, clean_line(row.text("meanings", MAX_MEANING_LENGTH), MAX_MEANING_LENGTH))
        case SubjectKind.KANJI:
            return None


def read_exact_card(row: ExportedRow) -> ExactCard:
    """Raises InvalidRowError."""
    return ExactCard(
        id=row.id("id", CardId),
        subject=_read_subject(row),
        created_at=row.schedule_timestamp("createdAt"),
        schedule=_read_schedule(row),
        changes=tuple(_read_changes(row)),
        suspended_as_leech=row.is_true("suspendedAsLeech"),
        dismissed_leech_marks=row.integer_in("dismissedLeechMarks", _MAX_MARKS),
        tags=tuple(split_tags(row.text("tags"))),
        context=_read_context(row),
    )


def _read_schedule(row: ExportedRow) -> Schedule:
    state = row.member("state", CardState)
    due_day = row.day("dueDay") if row.has("dueDay") else None
    if (state is CardState.REVIEW and due_day is None) or (state is CardState.NEW and due_day is not None):
        raise row.invalid("dueDay", f"possible in the state {state}")
    for one, other in (("stability", "difficulty"), ("lastReviewedAt", "lastReviewedDay")):
        if row.has(one) != row.has(other):
            raise InvalidRowError(f"{row.name}: {one} and {other} are not both stated.")
    return Schedule(
        state,
        row.schedule_timestamp("dueAt"),
        due_day,
        row.number_in("intervalDays", 0, MAX_INTERVAL_DAYS),
        row.number_in("easeFactor", MIN_EASE_FACTOR, MAX_EASE_FACTOR),
        row.number_in("stability", MIN_STABILITY, MAX_INTERVAL_DAYS) if row.has("stability") else None,
        row.number_in("difficulty", MIN_DIFFICULTY, MAX_DIFFICULTY) if row.has("difficulty") else None,
        row.integer_in("learningStep", _MAX_STEP) if row.has("learningStep") else None,
        row.integer_in("repetitions", MAX_COUNT),
        row.integer_in("lapses", MAX_COUNT),
        row.schedule_timestamp("firstReviewedAt") if row.has("firstReviewedAt") else None,
        row.schedule_timestamp("lastReviewedAt") if row.has("lastReviewedAt") else None,
        row.day("lastReviewedDay") if row.has("lastReviewedDay") else None,
    )


def _read_context(row: ExportedRow) -> ExactContext | None:
    text = row.text("context", MAX_CONTEXT_LENGTH)
    book_id = row.id("contextBookId", BookId) if row.has("contextBookId") else None
    page = row.integer_in("contextPage", _MAX_PAGE) if row.has("contextPage") else None
    return ExactContext(text, book_id, page or None) if is_visible_text(text) else None


def _read_changes(row: ExportedRow) -> Iterable[ScheduleChange]:
    if not row.has("scheduleChanges"):
        return
    try:
        values = orjson.loads(row.text("scheduleChanges"))
    except ValueError:
        values = None
    if not isinstance(values, list) or len(values) > _MAX_CHANGES or not all(isinstance(each, dict) for each in values):
        raise row.invalid("scheduleChanges", f"a JSON array of at most {_MAX_CHANGES} objects")
    for each in values:
        change = ExportedRow(row.file, row.number, {name: as_text(each.get(name)) for name in _CHANGE_COLUMNS})
        kind = change.member("kind", ScheduleChangeKind)
        if kind not in _KINDS:
            raise change.invalid("kind", "possible for a card")
        yield ScheduleChange(
            change.schedule_timestamp("changedAt"),
            change.text("idempotencyKey", _MAX_KEY_LENGTH, required=True),
            kind,
            change.day("day"),
            change.day("dueDay") if change.has("dueDay") else None,
            change.integer_in("days", _MAX_SHIFT_DAYS),
            _imported_schedule(row, each.get("schedule")) if kind is ScheduleChangeKind.IMPORT else None,
        )


def _imported_schedule(row: ExportedRow, value: object) -> Schedule | None:
    if not isinstance(value, Mapping):
        return None
    columns = {column: as_text(value.get(name)) for name, column in _SCHEDULE_COLUMNS.items()}
    return _read_schedule(ExportedRow(row.file, row.number, columns))


def as_text(value: object) -> str:
    """Return a value of JSON as a CSV file has it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
