"""Cards and reviews from the rows of an export."""

from collections.abc import Sequence

from content.shinjp_exact import (
    EXACT_COLUMNS,
    MAX_COUNT,
    MAX_DIFFICULTY,
    MAX_EASE_FACTOR,
    MIN_DIFFICULTY,
    MIN_STABILITY,
    SubjectKind,
    read_exact_card,
)
from content.shinjp_rows import ExportedRow, InvalidRowError
from domain.card_context import MAX_CONTEXT_LENGTH
from domain.card_tags import MAX_FLAG, split_tags
from domain.enums import CardKind, CardState
from domain.imports.records import (
    MAX_FIELD_LENGTH,
    ExactReview,
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
from domain.statistics import RETRIEVABILITY_UNIT

CARD_COLUMNS = (
    *("id", "word", "reading", "meanings", "state", "dueAt", "intervalDays", "easeFactor", "stability", "difficulty"),
    *("repetitions", "lapses", "suspended", "flag", "tags", "lastReviewedAt", "createdAt", "context", "kind"),
    "subject",
)
REVIEW_COLUMNS = (
    *("cardId", "reviewedAt", "idempotencyKey", "quality", "intervalDaysAfter", "durationMs", "undone", "rescheduled"),
)
# Exports of earlier versions do not have them.
EXACT_REVIEW_COLUMNS = ("intervalDaysBefore", "day", "dueDay", "retrievability")
DECK = "ShinJP"
WORD_NOTE_TYPE, KANJI_NOTE_TYPE = "ShinJP word", "ShinJP kanji"
MAX_REVIEWS_OF_CARD = 20_000

_FIELDS = {"Expression": "word", "Reading": "reading", "Meaning": "meanings", "Sentence": "context"}
_ORDINALS = {kind: ordinal for ordinal, kind in enumerate(CardKind)}
_MAX_QUALITY = len(RATINGS) - 1
_MAX_ID_LENGTH, _MAX_DURATION_MS = 200, 2**31 - 1


def read_card(row: ExportedRow, reviews: Sequence[ExportedRow]) -> ImportedNote:
    """Raises InvalidRowError for this row or one of the reviews."""
    if len(reviews) > MAX_REVIEWS_OF_CARD:
        raise InvalidRowError(f"{row.name}: the card has more reviews than the limit of {MAX_REVIEWS_OF_CARD:,}.")
    key = row.text("id", _MAX_ID_LENGTH, required=True)
    subject = row.member("subject", SubjectKind)
    state = row.member("state", CardState)
    kind = row.member("kind", CardKind)
    interval_days = row.number_in("intervalDays", 0, MAX_INTERVAL_DAYS)
    if state is CardState.REVIEW and not interval_days:
        raise InvalidRowError(f"{row.name}: intervalDays is 0 in the state REVIEW.")
    if row.has("stability") != row.has("difficulty"):
        raise InvalidRowError(f"{row.name}: stability and difficulty are not both stated.")
    due_at = row.schedule_timestamp("dueAt")
    is_exact = row.has_columns(EXACT_COLUMNS) and all(review.has_columns(EXACT_REVIEW_COLUMNS) for review in reviews)
    entries = [entry for review in reviews if (entry := _read_review(review, is_exact=is_exact)) is not None]
    card = ImportedCard(
        key=key,
        ordinal=_ORDINALS[kind],
        kind=kind,
        state=state,
        due_at=None if state is CardState.NEW else due_at,
        interval_days=interval_days,
        ease_factor=row.number_in("easeFactor", MIN_EASE_FACTOR, MAX_EASE_FACTOR),
        repetitions=row.integer_in("repetitions", MAX_COUNT),
        lapses=row.integer_in("lapses", MAX_COUNT),
        stability=row.number_in("stability", MIN_STABILITY, MAX_INTERVAL_DAYS) if row.has("stability") else None,
        difficulty=row.number_in("difficulty", MIN_DIFFICULTY, MAX_DIFFICULTY) if row.has("difficulty") else None,
        last_reviewed_at=row.schedule_timestamp("lastReviewedAt") if row.has("lastReviewedAt") else None,
        suspended=row.is_true("suspended"),
        flag=row.integer_in("flag", MAX_FLAG),
        # Their order in the file is that of strings.
        reviews=tuple(sorted(entries, key=lambda review: review.reviewed_at)),
        exact=read_exact_card(row) if is_exact else None,
    )
    row.text("word", MAX_EXPRESSION_LENGTH)
    row.text("context", MAX_CONTEXT_LENGTH)
    return ImportedNote(
        key=key,
        line=row.number,
        note_type=KANJI_NOTE_TYPE if subject is SubjectKind.KANJI else WORD_NOTE_TYPE,
        deck=DECK,
        fields={name: row.text(column)[:MAX_FIELD_LENGTH] for name, column in _FIELDS.items()},
        tags=tuple(split_tags(row.text("tags"))),
        created_at=row.schedule_timestamp("createdAt"),
        cards=(card,),
        is_plain=True,
    )


def _read_review(row: ExportedRow, *, is_exact: bool) -> ImportedReview | None:
    """Return a review; None for one that was undone in an export that has less than all of it."""
    undone = row.is_true("undone")
    quality = row.integer_in("quality", _MAX_QUALITY)
    review = ImportedReview(
        key=row.text("idempotencyKey", _MAX_ID_LENGTH, required=True),
        reviewed_at=row.timestamp("reviewedAt"),
        rating=Rating(RATINGS[quality] + 1),
        kind=ImportedReviewKind.REVIEW if row.is_true("rescheduled") else ImportedReviewKind.CRAM,
        interval_days=row.number_in("intervalDaysAfter", 0, MAX_INTERVAL_DAYS),
        duration_ms=row.integer_in("durationMs", _MAX_DURATION_MS) if row.has("durationMs") else None,
    )
    if not is_exact:
        return None if undone else review
    exact = ExactReview(
        quality,
        row.number_in("intervalDaysBefore", 0, MAX_INTERVAL_DAYS),
        row.day("day"),
        row.day("dueDay") if row.has("dueDay") else None,
        row.integer_in("retrievability", RETRIEVABILITY_UNIT) if row.has("retrievability") else None,
        undone,
    )
    return review._replace(exact=exact)
