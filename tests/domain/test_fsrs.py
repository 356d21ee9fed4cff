"""FSRS-6 agrees with the package `fsrs`, and is deterministic."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from fsrs import Card, Rating, Scheduler
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.enums import CardState
from domain.enums import Scheduler as Algorithm
from domain.ids import CardId
from domain.scheduling import Answer, Schedule, algorithm, fold
from domain.scheduling import Schedule as State

BEGAN = datetime(2026, 1, 1, 12, tzinfo=UTC)
CARD_ID = CardId(UUID(int=7))
RATINGS = {0: Rating.Again, 1: Rating.Again, 2: Rating.Again, 3: Rating.Hard, 4: Rating.Good, 5: Rating.Easy}

qualities = st.lists(st.integers(0, 5), min_size=1, max_size=12)


def after(steps: list[int], retention: float = 0.9, card_id: CardId = CARD_ID) -> list[State]:
    """The card after each review, reviewed on its due date."""
    scheduling, schedule, states = algorithm(Algorithm.FSRS, retention), Schedule.initial(BEGAN), []
    for quality in steps:
        schedule = scheduling.review(card_id, schedule, quality, max(schedule.due_at, BEGAN))
        states.append(schedule)
    return states


@settings(max_examples=50)
@given(qualities)
def test_memory_state_equals_the_package(steps: list[int]) -> None:
    """Intervals differ by the fuzz only, so both cards are reviewed at the same times."""
    theirs = Scheduler(desired_retention=0.9, enable_fuzzing=False)
    card, moment = Card(card_id=1, due=BEGAN), BEGAN
    for quality, ours in zip(steps, after(steps), strict=True):
        card, _ = theirs.review_card(card, RATINGS[quality], moment)
        assert (ours.stability, ours.difficulty, ours.learning_step) == (card.stability, card.difficulty, card.step)
        assert ours.state.name == card.state.name.upper()
        days = (card.due - moment) / timedelta(days=1)
        assert abs(ours.interval_days - days) <= max(1.5, 0.2 * days)
        moment = ours.due_at


@settings(max_examples=30)
@given(qualities)
def test_equal_reviews_give_equal_cards(steps: list[int]) -> None:
    assert after(steps) == after(steps)
    answers = [Answer(BEGAN + timedelta(days=n), str(n), quality) for n, quality in enumerate(steps)]
    scheduling = algorithm(Algorithm.FSRS, 0.9)
    folded = fold(scheduling, CARD_ID, Schedule.initial(BEGAN), answers)
    assert fold(scheduling, CARD_ID, Schedule.initial(BEGAN), reversed(answers)) == folded


def test_fuzz_spreads_cards_learnt_together() -> None:
    dues = {after([5, 4, 4, 4], card_id=CardId(UUID(int=number)))[-1].due_at for number in range(30)}
    assert len(dues) > 5


def test_higher_retention_shortens_intervals() -> None:
    assert after([5, 5, 5], retention=0.97)[-1].interval_days < after([5, 5, 5], retention=0.7)[-1].interval_days


def test_card_of_another_algorithm_is_initialised() -> None:
    of_sm2 = Schedule(CardState.REVIEW, BEGAN, interval_days=30, repetitions=4, last_reviewed_at=BEGAN)
    started = algorithm(Algorithm.FSRS, 0.9).review(CARD_ID, of_sm2, 4, BEGAN + timedelta(days=30))
    assert started.stability is not None


def test_forgotten_card_is_relearned() -> None:
    states = after([5, 1])
    assert [state.state for state in states] == [CardState.REVIEW, CardState.RELEARNING]
    assert (states[1].lapses, states[1].repetitions) == (1, 0)
