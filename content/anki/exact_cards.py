"""What Anki has no place for: an object in the data of an exported card, with the columns of other exports.

Anki ignores it, and drops it when it saves the card. Then the rest of the package is imported.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from content.anki.logs import LogRow, to_days
from content.shinjp_exact import EXACT_COLUMNS, SubjectKind, as_text, read_exact_card
from content.shinjp_rows import ExportedRow, InvalidRowError
from db.queries.anki_exports import AnkiCardRow
from domain.card_tags import join_tags
from domain.ids import global_id
from domain.imports.records import ExactCard, ExactReview, ImportedReview
from domain.scheduling.fsrs import RATINGS

EXACT = "shinjp"
# A quality and microseconds.
_ANSWER_DIGITS = 7
_ANSWERS = re.compile("(?:[0-5][0-9]{6})*")
_MILLISECOND, _SECOND = timedelta(milliseconds=1), timedelta(seconds=1)
_WORD_COLUMNS = ("word", "reading", "meanings")
_COLUMNS = (
    *("id", "subject", "state", "dueAt", "intervalDays", "easeFactor", "stability", "difficulty", "repetitions"),
    *("lapses", "tags", "lastReviewedAt", "createdAt", "context", "answers"),
    *EXACT_COLUMNS,
    *_WORD_COLUMNS,
)


def exact_values(row: AnkiCardRow) -> dict[str, object]:
    """Return the object. Only own words have their text in it."""
    kind = SubjectKind.KANJI if row.is_kanji else SubjectKind.OWN_WORD if row.is_own_word else SubjectKind.WORD
    type_names = {
        SubjectKind.KANJI: "Kanji",
        SubjectKind.OWN_WORD: "CustomVocabulary",
        SubjectKind.WORD: "Vocabulary",
    }
    values: dict[str, object] = {
        "id": global_id("Card", row.id),
        "subject": kind.value,
        "subjectId": global_id(type_names[kind], UUID(row.subject_id)),
        "state": row.state,
        "dueAt": row.due_at,
        "dueDay": row.due_day,
        "intervalDays": row.interval_days,
        "easeFactor": row.ease_factor,
        "stability": row.stability,
        "difficulty": row.difficulty,
        "learningStep": row.learning_step,
        "repetitions": row.repetitions,
        "lapses": row.lapses,
        "suspendedAsLeech": row.suspended_as_leech,
        "dismissedLeechMarks": row.dismissed_leech_marks,
        "tags": join_tags(row.tags),
        "firstReviewedAt": row.first_reviewed_at,
        "lastReviewedAt": row.last_reviewed_at,
        "lastReviewedDay": row.last_reviewed_day,
        "createdAt": row.created_at,
        "context": row.context,
        "contextBookId": row.context_book_id and global_id("Book", row.context_book_id),
        "contextPage": row.context_page,
        "answers": row.answers,
        "scheduleChanges": row.changes,
    }
    if row.is_own_word:
        values |= zip(_WORD_COLUMNS, (row.expression, "".join(row.readings), "".join(row.meanings)), strict=True)
    return {name: value for name, value in values.items() if value is not None}


def read_exact(data: str) -> tuple[ExactCard, str] | None:
    """Return the card and the answers of its reviews; None if they are not there, or not valid."""
    if f'"{EXACT}"' not in data:
        return None
    try:
        values: Any = orjson.loads(data)[EXACT]
        if not isinstance(values, Mapping):
            return None
        row = ExportedRow("the package", 0, {column: as_text(values.get(column)) for column in _COLUMNS})
        return read_exact_card(row), row.text("answers")
    except (ValueError, KeyError, TypeError, InvalidRowError):
        return None


def with_answers(
    reviews: Sequence[ImportedReview], log: Sequence[LogRow], answers: str
) -> tuple[ImportedReview, ...] | None:
    """Return the reviews of the log with the answers, in order; None if they do not belong to them.

    The log has unique milliseconds: reviews of the same one are later in it, by less than a second.
    """
    count = sum(review.rating is not None for review in reviews)
    if not _ANSWERS.fullmatch(answers) or len(answers) != count * _ANSWER_DIGITS:
        return None
    found: list[ImportedReview] = []
    position = 0
    for review, row in zip(reviews, log, strict=True):
        if review.rating is None:
            found.append(review)
            continue
        answer = answers[position : position + _ANSWER_DIGITS]
        position += _ANSWER_DIGITS
        quality, microsecond = int(answer[0]), int(answer[1:])
        if RATINGS[quality] + 1 != review.rating:
            return None
        at = review.reviewed_at.replace(microsecond=microsecond)
        if at >= review.reviewed_at + _MILLISECOND:
            at -= _SECOND
        found.append(review._replace(reviewed_at=at, exact=ExactReview(quality, to_days(row.last_interval))))
    return tuple(found)
