"""The log of a card (`revlog`) with its unusual rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from content.anki.metadata import Metadata
from domain.imports.memory_states import memory_from_answers, memory_from_sm2
from domain.imports.records import ImportedReview, ImportedReviewKind, Memory, Rating

_SECONDS_PER_DAY = 86_400
# Later ones are no milliseconds since 1970: the year 2200.
_MAX_ID = 7_258_118_400_000
_MAX_DURATION_MS = 2**31 - 1
_MAX_INTERVAL_DAYS = 36_500
# Factors up to this one are difficulties of FSRS; ease factors in thousandths are 1,300 or more.
_MAX_DIFFICULTY_FACTOR = 1_100

# By `type`, of rows with a button.
_KINDS = (ImportedReviewKind.LEARNING, ImportedReviewKind.REVIEW, ImportedReviewKind.RELEARNING)
_FILTERED, _MANUAL = 3, 4
# By button.
_RATINGS = (None, Rating.AGAIN, Rating.HARD, Rating.GOOD, Rating.EASY)
# Buttons 2 and 3 of learning steps meant Good and Easy in the first scheduler.
_FIRST_RATINGS = (None, Rating.AGAIN, Rating.GOOD, Rating.EASY, Rating.EASY)
_IN_STEPS = (ImportedReviewKind.LEARNING, ImportedReviewKind.RELEARNING)


class LogRow(NamedTuple):
    """A row of `revlog`, in the order of the statement."""

    id: int
    ease: int
    interval: int
    last_interval: int
    factor: int
    duration: int
    type: int

    @property
    def is_reset(self) -> bool:
        """Whether it made the card new again."""
        return self.type == _MANUAL and self.factor == 0 and self.interval == 0

    @property
    def ease_factor(self) -> float | None:
        return self.factor / 1000 if self.factor > _MAX_DIFFICULTY_FACTOR else None


def is_readable(row: LogRow) -> bool:
    """Whether its time is one."""
    return 0 < row.id < _MAX_ID


def is_answer(review: ImportedReview) -> bool:
    """Whether it moved the schedule as an answer."""
    return review.rating is not None and review.kind is not ImportedReviewKind.CRAM


def to_days(interval: int) -> float:
    """Intervals are positive in days, negative in seconds."""
    return min(interval if interval >= 0 else -interval / _SECONDS_PER_DAY, _MAX_INTERVAL_DAYS)


def to_reviews(rows: Iterable[LogRow], metadata: Metadata) -> Iterator[ImportedReview]:
    """The entries of a log, whose keys are their ids."""
    is_first_scheduler = metadata.is_first_scheduler
    for row in rows:
        id, ease, interval, _, _, duration, _ = row
        kind = _kind(row)
        rating = _RATINGS[ease] if 0 < ease < len(_RATINGS) else None
        if is_first_scheduler and rating is not None and kind in _IN_STEPS:
            rating = _FIRST_RATINGS[ease]
        yield ImportedReview(
            str(id),
            # Exact up to the year 2200, in half of the time of an addition to the epoch.
            datetime.fromtimestamp(id / 1000, UTC),
            rating,
            kind,
            to_days(interval),
            duration if 0 <= duration <= _MAX_DURATION_MS else _MAX_DURATION_MS * (duration > 0),
        )


def memory_from_log(
    rows: Sequence[LogRow], reviews: Sequence[ImportedReview], day_of: Callable[[datetime], date]
) -> Memory | None:
    """The memory after the log; None if no answer determines it.

    It starts with the last time that the card was learned. A log that lacks this start begins with the ease factor and
    the interval of its first answer. Answers before the card was made new again and those of cramming do not count.
    """
    answers: list[tuple[date, Rating]] = []
    first: LogRow | None = None
    has_learning = False
    for row, review in zip(reversed(rows), reversed(reviews), strict=True):
        rating, kind = review.rating, review.kind
        if rating is None or kind is ImportedReviewKind.CRAM:
            if row.is_reset:
                break
            continue
        is_learning = kind is ImportedReviewKind.LEARNING
        if has_learning and not is_learning:
            break
        has_learning = has_learning or is_learning
        first = row
        answers.append((day_of(review.reviewed_at), rating))
    answers.reverse()
    if first is None or has_learning:
        return memory_from_answers(answers)
    return memory_from_answers(answers, memory_from_sm2(first.ease_factor, to_days(first.interval)))


def count_repetitions(rows: Sequence[LogRow], reviews: Sequence[ImportedReview]) -> int:
    """The successful answers since the last one that was not, or since the card was made new again."""
    count = 0
    for row, review in zip(reversed(rows), reversed(reviews), strict=True):
        if is_answer(review):
            if review.rating is Rating.AGAIN:
                break
            count += 1
        elif row.is_reset:
            break
    return count


def _kind(row: LogRow) -> ImportedReviewKind:
    """Filtered decks that reschedule log a factor, others log none. A row without a button is no answer."""
    if not 0 < row.ease < len(_RATINGS):
        # An import takes MANUAL without an interval for a reset.
        return ImportedReviewKind.MANUAL if row.is_reset else ImportedReviewKind.RESCHEDULED
    if 0 <= row.type < len(_KINDS):
        return _KINDS[row.type]
    return ImportedReviewKind.CRAM if row.type == _FILTERED and not row.factor else ImportedReviewKind.REVIEW
