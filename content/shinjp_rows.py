"""The rows of exported cards and reviews. Each value is checked: a file may have been edited."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from common.text import truncate
from domain.card_context import MAX_CONTEXT_LENGTH
from domain.card_tags import MAX_FLAG
from domain.enums import CardKind, CardState
from domain.errors import BadUserInput
from domain.imports.records import (
    MAX_FIELD_LENGTH,
    ImportedCard,
    ImportedNote,
    ImportedReview,
    ImportedReviewKind,
    Rating,
)
from domain.imports.text import MAX_EXPRESSION_LENGTH
from domain.scheduling.fsrs import RATINGS
from domain.scheduling.settings import MAX_INTERVAL_DAYS
from domain.scheduling.sm2 import MIN_EASE_FACTOR
from domain.timestamps import MIN_TIMESTAMP, parse_timestamp

CARD_COLUMNS = (
    *("id", "word", "reading", "meanings", "state", "dueAt", "intervalDays", "easeFactor", "stability", "difficulty"),
    *("repetitions", "lapses", "suspended", "flag", "tags", "lastReviewedAt", "createdAt", "context", "kind"),
    "subject",
)
REVIEW_COLUMNS = (
    *("cardId", "reviewedAt", "idempotencyKey", "quality", "intervalDaysAfter", "durationMs", "undone", "rescheduled"),
)
DECK = "ShinJP"
WORD_NOTE_TYPE, KANJI_NOTE_TYPE = "ShinJP word", "ShinJP kanji"
MAX_REVIEWS_OF_CARD = 20_000

_FIELDS = {"Expression": "word", "Reading": "reading", "Meaning": "meanings", "Sentence": "context"}
_ORDINALS = {kind: ordinal for ordinal, kind in enumerate(CardKind)}
_MAX_QUALITY = len(RATINGS) - 1
# As `csv` limits it.
_MAX_LENGTH = 128 * 1024
_MAX_ID_LENGTH, _MAX_COUNT, _MAX_DURATION_MS = 200, 1_000_000, 2**31 - 1
# SM-2 adds at most 0.1 for an answer.
_MAX_EASE_FACTOR = 1_000.0
_MIN_STABILITY, _MIN_DIFFICULTY, _MAX_DIFFICULTY = 0.0001, 1.0, 10.0
# A century after the last interval.
_MAX_TIMESTAMP = datetime(2200, 1, 1, tzinfo=UTC)
_INTEGER = re.compile(r"[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SHOWN_LENGTH = 60

EnumT = TypeVar("EnumT", bound=StrEnum)


class _Subject(StrEnum):
    WORD = "WORD"
    OWN_WORD = "OWN_WORD"
    KANJI = "KANJI"


def storable(text: str) -> str:
    """Return the string without null characters, and with marks for bytes that are not UTF-8."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


class InvalidRowError(ValueError):
    """The message names the row and the value."""


@dataclass(frozen=True, slots=True)
class ExportedRow:
    """A row of a file. `number`: as a spreadsheet shows it."""

    file: str
    number: int
    values: Mapping[str, str]

    @property
    def name(self) -> str:
        return f"Row {self.number} of {self.file}"

    def text(self, column: str, max_length: int = _MAX_LENGTH, *, required: bool = False) -> str:
        value = self.values[column]
        if required and not value:
            raise self._invalid(column, "a value")
        if len(value) > max_length:
            raise self._invalid(column, f"a string of at most {max_length:,} characters")
        if _UNSTORABLE.search(value):
            raise self._invalid(column, "valid UTF-8 without null characters")
        return value

    def number_in(self, column: str, lowest: float, highest: float) -> float:
        text = self.values[column]
        value = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not lowest <= value <= highest:
            raise self._invalid(column, f"a number from {lowest:,g} to {highest:,g}")
        return value

    def integer_in(self, column: str, highest: int) -> int:
        text = self.values[column]
        value = int(text) if _INTEGER.fullmatch(text) else -1
        if not 0 <= value <= highest:
            raise self._invalid(column, f"an integer from 0 to {highest:,}")
        return value

    def is_true(self, column: str) -> bool:
        if self.values[column] not in ("true", "false"):
            raise self._invalid(column, "true or false")
        return self.values[column] == "true"

    def member(self, column: str, kinds: type[EnumT]) -> EnumT:
        try:
            return kinds(self.values[column])
        except ValueError:
            raise self._invalid(column, f"one of {', '.join(kinds)}") from None

    def timestamp(self, column: str) -> datetime:
        try:
            return parse_timestamp(self.values[column])
        except BadUserInput:
            raise self._invalid(column, "a timestamp such as 2026-01-31T09:00:00Z") from None

    def schedule_timestamp(self, column: str) -> datetime:
        """Of a schedule, to which days may be added."""
        value = self.timestamp(column)
        if not MIN_TIMESTAMP <= value <= _MAX_TIMESTAMP:
            raise self._invalid(column, f"a timestamp in the years {MIN_TIMESTAMP.year} to {_MAX_TIMESTAMP.year}")
        return value

    def has(self, column: str) -> bool:
        return bool(self.values[column])

    def _invalid(self, column: str, expected: str) -> InvalidRowError:
        shown = storable(truncate(self.values[column], _SHOWN_LENGTH))
        return InvalidRowError(f"{self.name}: {column} {shown!r} is not {expected}.")


def read_card(row: ExportedRow, reviews: Sequence[ExportedRow]) -> ImportedNote:
    """Raises InvalidRowError for this row or one of the reviews."""
    if len(reviews) > MAX_REVIEWS_OF_CARD:
        raise InvalidRowError(f"{row.name}: the card has more reviews than the limit of {MAX_REVIEWS_OF_CARD:,}.")
    key = row.text("id", _MAX_ID_LENGTH, required=True)
    subject = row.member("subject", _Subject)
    state = row.member("state", CardState)
    kind = row.member("kind", CardKind)
    interval_days = row.number_in("intervalDays", 0, MAX_INTERVAL_DAYS)
    if state is CardState.REVIEW and not interval_days:
        raise InvalidRowError(f"{row.name}: intervalDays is 0 in the state REVIEW.")
    if row.has("stability") != row.has("difficulty"):
        raise InvalidRowError(f"{row.name}: stability and difficulty are not both stated.")
    due_at = row.schedule_timestamp("dueAt")
    card = ImportedCard(
        key=key,
        ordinal=_ORDINALS[kind],
        kind=kind,
        state=state,
        due_at=None if state is CardState.NEW else due_at,
        interval_days=interval_days,
        ease_factor=row.number_in("easeFactor", MIN_EASE_FACTOR, _MAX_EASE_FACTOR),
        repetitions=row.integer_in("repetitions", _MAX_COUNT),
        lapses=row.integer_in("lapses", _MAX_COUNT),
        stability=row.number_in("stability", _MIN_STABILITY, MAX_INTERVAL_DAYS) if row.has("stability") else None,
        difficulty=row.number_in("difficulty", _MIN_DIFFICULTY, _MAX_DIFFICULTY) if row.has("difficulty") else None,
        last_reviewed_at=row.schedule_timestamp("lastReviewedAt") if row.has("lastReviewedAt") else None,
        suspended=row.is_true("suspended"),
        flag=row.integer_in("flag", MAX_FLAG),
        # Their order in the file is that of strings.
        reviews=tuple(sorted(map(_read_review, reviews), key=lambda review: review.reviewed_at)),
    )
    row.text("word", MAX_EXPRESSION_LENGTH)
    row.text("context", MAX_CONTEXT_LENGTH)
    return ImportedNote(
        key=key,
        line=row.number,
        note_type=KANJI_NOTE_TYPE if subject is _Subject.KANJI else WORD_NOTE_TYPE,
        deck=DECK,
        fields={name: row.text(column)[:MAX_FIELD_LENGTH] for name, column in _FIELDS.items()},
        tags=tuple(tag for tag in row.text("tags").split("; ") if tag),
        created_at=row.schedule_timestamp("createdAt"),
        cards=(card,),
        is_plain=True,
    )


def _read_review(row: ExportedRow) -> ImportedReview:
    row.is_true("undone")
    quality = row.integer_in("quality", _MAX_QUALITY)
    return ImportedReview(
        key=row.text("idempotencyKey", _MAX_ID_LENGTH, required=True),
        reviewed_at=row.timestamp("reviewedAt"),
        rating=Rating(RATINGS[quality] + 1),
        kind=ImportedReviewKind.REVIEW if row.is_true("rescheduled") else ImportedReviewKind.CRAM,
        interval_days=row.number_in("intervalDaysAfter", 0, MAX_INTERVAL_DAYS),
        duration_ms=row.integer_in("durationMs", _MAX_DURATION_MS) if row.has("durationMs") else None,
    )
