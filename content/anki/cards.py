"""The state of a card, from the numbers of its row."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import NamedTuple

import orjson

from content.anki.exact_cards import read_exact, with_answers
from content.anki.logs import LogRow, count_repetitions, is_answer, memory_from_log, to_days, to_reviews
from content.anki.metadata import Metadata
from domain.enums import CardKind, CardState
from domain.imports.memory_states import memory_from_sm2
from domain.imports.records import ImportedCard, ImportedReview, Memory
from domain.scheduling.days import StudyDays

_MIN_EASE_FACTOR, _MAX_EASE_FACTOR = 1.3, 20.0
_MAX_STABILITY = 36_500.0
_MAX_COUNT = 1_000_000
_FLAGS = 0b111
_QUARTER_SECONDS, _MAX_CACHED_DAYS = 900, 50_000
_SUSPENDED = -1
_NEW, _LEARNING, _REVIEW, _RELEARNING = range(4)
_LEARNING_QUEUES = (1, 3)
_STATES = {
    _NEW: CardState.NEW,
    _LEARNING: CardState.LEARNING,
    _REVIEW: CardState.REVIEW,
    _RELEARNING: CardState.RELEARNING,
}
# Larger numbers are seconds since 1970, smaller ones days since the creation of the collection.
_FIRST_TIMESTAMP = 1_000_000_000
_LAST_TIMESTAMP = 7_258_118_400


class CardRow(NamedTuple):
    """A row of `cards`, in the order of the statement."""

    note_id: int
    id: int
    ordinal: int
    deck_id: int
    type: int
    queue: int
    due: int
    interval: int
    factor: int
    repetitions: int
    lapses: int
    home_due: int
    home_deck_id: int
    flags: int
    data: str


@dataclass(frozen=True, slots=True)
class CardReader:
    """Converts rows. `days`: of the learner."""

    metadata: Metadata
    days: StudyDays
    _cached_days: dict[int, date] = field(default_factory=dict)

    def read(self, row: CardRow, key: str, kind: CardKind, deck: str | None, log: Sequence[LogRow]) -> ImportedCard:
        """`deck`: None if it is that of the note. `log`: of the card, in order."""
        card = self._read(row, key, kind, deck, log)
        found = read_exact(row.data)
        if found is None:
            return card
        exact, answers = found
        reviews = with_answers(card.reviews, log, answers)
        # Another program may have changed the card.
        if reviews is None or (card.state, card.lapses) != (exact.schedule.state, exact.schedule.lapses):
            return card
        return replace(card, reviews=reviews, exact=exact)

    def _read(self, row: CardRow, key: str, kind: CardKind, deck: str | None, log: Sequence[LogRow]) -> ImportedCard:
        reviews = tuple(to_reviews(log, self.metadata))
        state = self._state(row)
        lapses = max(0, min(row.lapses, _MAX_COUNT))
        suspended, flag = row.queue == _SUSPENDED, row.flags & _FLAGS
        if state is CardState.NEW:
            return ImportedCard(
                key, row.ordinal, kind, lapses=lapses, suspended=suspended, flag=flag, deck=deck, reviews=reviews
            )
        answer = next(filter(is_answer, reversed(reviews)), None)
        ease_factor = None if row.factor <= 0 else min(max(row.factor / 1000, _MIN_EASE_FACTOR), _MAX_EASE_FACTOR)
        interval = to_days(row.interval)
        if state is CardState.REVIEW:
            # Cards that were put on a day before their first review have none.
            interval = max(interval, 1.0)
        elif answer is not None:
            # Anki has the interval after the steps instead of that of the step.
            interval = answer.interval_days
        stated = _memory_in_data(row.data)
        if answer is None:
            repetitions = min(max(row.repetitions - row.lapses, 0), _MAX_COUNT)
        else:
            repetitions = count_repetitions(log, reviews)
        return ImportedCard(
            key,
            row.ordinal,
            kind,
            state,
            self._due_at(row),
            interval,
            ease_factor,
            repetitions,
            lapses,
            stated and stated.stability,
            stated and stated.difficulty,
            answer and answer.reviewed_at,
            suspended,
            flag,
            deck,
            reviews,
            partial(self._memory, state, ease_factor, interval, log, reviews),
        )

    def _memory(
        self,
        state: CardState,
        ease_factor: float | None,
        interval: float,
        log: Sequence[LogRow],
        reviews: Sequence[ImportedReview],
    ) -> Memory | None:
        memory = memory_from_log(log, reviews, self._day_of)
        if memory is None and state is not CardState.LEARNING:
            return memory_from_sm2(ease_factor, interval)
        return memory

    def _day_of(self, at: datetime) -> date:
        """The learner's day. Days start at a quarter of an hour in all time zones since 1970."""
        quarter = int(at.timestamp()) // _QUARTER_SECONDS
        day = self._cached_days.get(quarter)
        if day is None:
            if len(self._cached_days) >= _MAX_CACHED_DAYS:
                self._cached_days.clear()
            day = self._cached_days[quarter] = self.days.day_of(at)
        return day

    def _state(self, row: CardRow) -> CardState:
        if self.metadata.is_first_scheduler and row.type == _REVIEW and row.queue in _LEARNING_QUEUES:
            return CardState.RELEARNING
        return _STATES.get(row.type, CardState.NEW)

    def _due_at(self, row: CardRow) -> datetime:
        """The start of a day of the learner, or a time in learning steps. In a filtered deck: what it was before."""
        due = row.home_due if row.home_deck_id and row.home_due else row.due
        if _FIRST_TIMESTAMP <= due <= _LAST_TIMESTAMP:
            return datetime.fromtimestamp(due, UTC)
        days = self.metadata.days
        return self.days.start_of(days.day(due, self.days.day_of(days.created_at)))


def _memory_in_data(data: str) -> Memory | None:
    """`s` and `d` of the object in `data`."""
    if '"s"' not in data or '"d"' not in data:
        return None
    try:
        found = orjson.loads(data)
        stability, difficulty = float(found["s"]), float(found["d"])
    except (ValueError, KeyError, TypeError):
        return None
    if not (stability > 0 and 1 <= difficulty <= 10):
        return None
    return Memory(min(stability, _MAX_STABILITY), difficulty)
