"""Log entries of single cards: buried and unburied, and overdue cards that are spread."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.enums import CardState, ScheduleChangeKind, Scheduler
from domain.ids import CardId
from domain.scheduling import Answer, LogEntry, Schedule, ScheduleChange, SchedulingSettings, algorithm, fold
from domain.scheduling.card import spread_overdue

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
CARD = CardId(UUID(int=7))
ALGORITHM = algorithm(SchedulingSettings(Scheduler.SM2))
NEW = Schedule.initial(NOON - timedelta(days=100))


def answer(days: float, key: str = "") -> Answer:
    at = NOON + timedelta(days=days)
    return Answer(at, f"answer {days} {key}", 4, ALGORITHM.days.day_of(at))


def change(kind: ScheduleChangeKind, days: float, due_in: int | None = None, key: str = "") -> ScheduleChange:
    at = NOON + timedelta(days=days)
    day = ALGORITHM.days.day_of(at)
    due_day = None if due_in is None else day + timedelta(days=due_in)
    return ScheduleChange(at, f"{kind} {days} {key}", kind, day, due_day)


def folded(*entries: LogEntry) -> Schedule:
    return fold(ALGORITHM, CARD, NEW, entries)._replace(last_entry_at=None)


@pytest.mark.parametrize("reviews", [(), (-20, -19)], ids=["new", "reviewed"])
def test_unburied_card_is_as_if_it_had_not_been_buried(reviews: tuple[float, ...]) -> None:
    log: list[LogEntry] = [answer(days) for days in reviews]
    bury, unbury = change(ScheduleChangeKind.BURY, 0, 1), change(ScheduleChangeKind.UNBURY, 0.1)
    assert folded(*log, bury).due_at == ALGORITHM.days.start_of(date(2026, 5, 2))
    assert folded(*log, bury, unbury) == folded(*log)
    # In the order of the log, whatever the order of arrival; a later one is not ended.
    again = change(ScheduleChangeKind.BURY, 0.2, 1)
    assert folded(unbury, again, bury, *log) == folded(*log, again)


def test_past_burying_is_not_undone() -> None:
    """An interval that was answered after a day in which the card was buried stays as it was."""
    log: list[LogEntry] = [answer(-20), answer(-19), change(ScheduleChangeKind.BURY, -13, 1), answer(-12)]
    assert folded(*log, change(ScheduleChangeKind.UNBURY, 0)) == folded(*log)


@given(st.lists(st.tuples(st.sampled_from(("BURY", "UNBURY", "ANSWER")), st.integers(0, 400)), max_size=12))
@settings(max_examples=100, deadline=None)
def test_unburying_everything_leaves_the_reviews(steps: list[tuple[str, int]]) -> None:
    """Buried cards are not studied on that day, so only the last day's entries count."""
    log: list[LogEntry] = []
    for number, (kind, minutes) in enumerate(steps):
        days, key = minutes / 1_440, str(number)
        log.append(answer(days, key) if kind == "ANSWER" else change(ScheduleChangeKind(kind), days, 1, key))
    answers = [entry for entry in log if isinstance(entry, Answer)]
    assert folded(*log, change(ScheduleChangeKind.UNBURY, 0.4)) == folded(*answers)


def test_card_that_is_not_overdue_is_not_rescheduled() -> None:
    log = [answer(-20), answer(-19)]
    moved = change(ScheduleChangeKind.RESCHEDULE, 0, 3)
    assert folded(*log, moved).due_day == date(2026, 5, 4)
    late = answer(-1)
    assert folded(*log, moved, late) == folded(*log, late)


@given(st.lists(st.tuples(st.integers(-60, 5), st.integers(1, 90)), max_size=40), st.integers(1, 30))
@settings(max_examples=100, deadline=None)
def test_overdue_cards_are_spread_evenly(cards: list[tuple[int, int]], days: int) -> None:
    today = NOON.date()
    schedules = {
        CardId(UUID(int=number)): Schedule(CardState.REVIEW, NOON, today + timedelta(days=due_in), float(interval))
        for number, (due_in, interval) in enumerate(cards)
    }
    spread = spread_overdue(schedules, today, days)
    assert spread.keys() == {id for id, schedule in schedules.items() if schedule.due_day and schedule.due_day <= today}
    counts = [sum(day == today + timedelta(days=n) for day in spread.values()) for n in range(days)]
    assert sum(counts) == len(spread)
    assert max(counts) - min(counts) <= 1
    # The most overdue ones come first.
    days_due = {id: schedule.due_day for id, schedule in schedules.items() if schedule.due_day}
    shares = [(today - days_due[id]).days / schedules[id].interval_days for id in spread]
    assert [share for _, share in sorted(zip(spread.values(), shares, strict=True), key=lambda of: of[0])] == sorted(
        shares, reverse=True
    )


def test_card_without_a_due_day_is_not_spread() -> None:
    assert spread_overdue({CARD: NEW}, NOON.date(), 5) == {}
