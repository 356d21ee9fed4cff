"""Simulates a plausible year of study, deterministic except for the day on which it ends."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from content.demo_history import DemoHistory
from domain.enums import CardKind, CardState, Scheduler
from domain.ids import CardId, uuid7_at
from domain.scheduling import PASSING_QUALITY, Answer, Schedule, SchedulingSettings, algorithm

DAYS = 365
NEW_CARDS_A_DAY = 3
REVIEWS_A_DAY = 60

# Of kanji and of other kinds of cards.
OTHER_DAYS = 100

# Weights of the qualities for a learner who recalls about 90 %.
_QUALITIES, _WEIGHTS = (1, 2, 3, 4, 5), (5, 5, 20, 50, 20)


class Subject(NamedTuple):
    """A word or a kanji, and what its card asks."""

    id: UUID
    kind: CardKind = CardKind.RECOGNITION
    is_kanji: bool = False


@dataclass
class _Card:
    id: CardId
    subject: Subject
    created_at: datetime
    schedule: Schedule
    reviews: int = 0


@dataclass
class _Day:
    reviews: int = 0
    recalled: int = 0
    new_cards: int = 0
    duration_ms: int = 0


def simulate_year(
    user_id: UUID,
    words: Sequence[UUID],
    others: Sequence[Subject],
    books: Sequence[tuple[UUID, int]],
    now: datetime,
    time_zone: str,
) -> DemoHistory:
    """Simulate a learner who starts with the first words, skips some days, and studied yesterday.

    `others`: studied in the last months, one more a day; some are overdue. `books`: pairs of id and page count; most
    are read to the end. The state of a card is the SM-2 fold of its reviews.
    """
    return _Year(user_id, now, time_zone).study(words, others, books)


class _Year:
    def __init__(self, user_id: UUID, now: datetime, time_zone: str) -> None:
        self._user_id = user_id
        self._now = now
        self._zone = ZoneInfo(time_zone)
        self._random = random.Random("a year of study")  # noqa: S311  # it has to be the same every time
        self._algorithm = algorithm(SchedulingSettings(Scheduler.SM2, time_zone=time_zone))
        self._days: defaultdict[date, _Day] = defaultdict(_Day)
        self._today = self._algorithm.days.day_of(now)
        self._study = DemoHistory(started_at=now - timedelta(days=DAYS + 1))

    def study(self, words: Sequence[UUID], others: Sequence[Subject], books: Sequence[tuple[UUID, int]]) -> DemoHistory:
        cards: list[_Card] = []
        waiting = list(reversed(words))
        for days_ago in range(DAYS, 0, -1):
            if self._is_skipped(days_ago):
                continue
            at = self._evening(days_ago)
            due = sorted((card for card in cards if card.schedule.due_at <= at), key=lambda card: card.schedule.due_at)
            for card in due[:REVIEWS_A_DAY]:
                at = self._review(card, at)
            for _ in range(min(NEW_CARDS_A_DAY, len(waiting))):
                cards.append(self._new_card(Subject(waiting.pop()), at))
                at = self._review(cards[-1], at)
        # New cards that were not reviewed yet.
        cards += [self._new_card(Subject(waiting.pop()), self._evening(1)) for _ in range(min(20, len(waiting)))]
        cards += self._study_others(others)
        self._study.cards = [self._card_row(number, card) for number, card in enumerate(cards)]
        self._study.review_days = [
            (self._user_id, day, totals.reviews, totals.recalled, totals.new_cards, totals.duration_ms)
            for day, totals in sorted(self._days.items())
        ]
        self._read(books)
        return self._study

    def _study_others(self, others: Sequence[Subject]) -> list[_Card]:
        """Study them on the days of the words, later in the evening, and not in the last days."""
        cards: list[_Card] = []
        waiting = list(reversed(others))
        for days_ago in range(OTHER_DAYS, 3, -1):
            if self._today - timedelta(days=days_ago) not in self._days:
                continue
            at = self._evening(days_ago) + timedelta(hours=2)
            for card in cards:
                if card.schedule.due_at <= at:
                    at = self._review(card, at)
            if waiting:
                cards.append(self._new_card(waiting.pop(), at))
                at = self._review(cards[-1], at)
        return cards

    def _is_skipped(self, days_ago: int) -> bool:
        """Whether the learner skips the day: a holiday, random evenings, but none of the last two weeks."""
        return 140 <= days_ago < 152 or (days_ago > 16 and self._random.random() < 0.12)

    def _evening(self, days_ago: int) -> datetime:
        day = self._today - timedelta(days=days_ago)
        return datetime.combine(day, time(20, self._random.randrange(60)), self._zone)

    def _new_card(self, subject: Subject, at: datetime) -> _Card:
        return _Card(CardId(self._new_id(at)), subject, at, Schedule.initial(at))

    def _review(self, card: _Card, at: datetime) -> datetime:
        """Review the card and return the time of the next review."""
        at = at.astimezone(self._now.tzinfo)
        quality = self._random.choices(_QUALITIES, _WEIGHTS)[0]
        duration_ms = self._random.randrange(2_000, 20_000)
        before = card.schedule
        id, key, day = self._new_id(at), f"demo-{len(self._study.reviews)}", self._algorithm.days.day_of(at)
        card.schedule = self._algorithm.review(card.id, before, Answer(at, key, quality, day))
        self._study.reviews.append(
            (
                id,
                at,
                self._user_id,
                card.id,
                key,
                quality,
                before.interval_days,
                card.schedule.interval_days,
                duration_ms,
                day,
                card.schedule.due_day,
            )
        )
        self._study.review_keys.append((self._user_id, key, id, at))
        totals = self._days[day]
        totals.reviews += 1
        totals.recalled += quality >= PASSING_QUALITY
        totals.new_cards += card.reviews == 0
        totals.duration_ms += duration_ms
        card.reviews += 1
        return at + timedelta(milliseconds=duration_ms)

    def _card_row(self, number: int, card: _Card) -> tuple[object, ...]:
        schedule, subject = card.schedule, card.subject
        return (
            card.id,
            self._user_id,
            None if subject.is_kanji else subject.id,
            subject.id if subject.is_kanji else None,
            subject.kind.value,
            schedule.state.value,
            schedule.due_at,
            schedule.due_day,
            schedule.interval_days,
            schedule.ease_factor,
            schedule.repetitions,
            schedule.lapses,
            # Some cards are suspended.
            number % 97 == 96 and schedule.state is not CardState.NEW,
            schedule.first_reviewed_at,
            schedule.last_reviewed_at,
            schedule.last_reviewed_day,
            schedule.last_entry_at,
            1 + card.reviews,
            card.created_at,
        )

    def _read(self, books: Sequence[tuple[UUID, int]]) -> None:
        for number, (book_id, page_count) in enumerate(books):
            started_at = self._evening(20 + 30 * number)
            finished_at = None if number < 3 else started_at + timedelta(days=18)
            last_read_at = finished_at or self._evening(number + 1)
            page = page_count if finished_at else max(1, page_count * (number + 1) // 5)
            self._study.reading_progress.append(
                (self._new_id(started_at), self._user_id, book_id, page, started_at, last_read_at, finished_at)
            )

    def _new_id(self, at: datetime) -> UUID:
        return uuid7_at(int(at.timestamp() * 1000), self._random.getrandbits(74))
