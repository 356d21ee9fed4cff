"""How a learner answers: the time and the ratings, from their log or, with few reviews, as most learners do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fsrs_rs_python import SimulatorConfig, default_simulator_config

from domain.enums import StudyQueue

# Fewer answers say little about their kind.
MIN_ANSWERS = 20
# The newest ones are read.
MAX_ANSWERS = 10_000

_RATINGS = 4
_DEFAULTS = default_simulator_config()


@dataclass(frozen=True, slots=True)
class AnswerStatistics:
    """Of answers with a rating, 0 (Again) to 3 (Easy), to cards of a queue. `median_ms`: of those that were timed."""

    queue: StudyQueue
    rating: int
    answers: int
    timed: int
    median_ms: float | None


@dataclass(frozen=True, slots=True)
class Habits:
    """`learning_seconds` and `review_seconds`: by rating. `first_ratings`: shares of the first answers to new cards.

    `recall_ratings`: shares of Hard, Good and Easy among reviews of cards that were recalled.
    """

    learning_seconds: tuple[float, ...]
    review_seconds: tuple[float, ...]
    first_ratings: tuple[float, ...]
    recall_ratings: tuple[float, ...]

    @classmethod
    def from_answers(cls, statistics: Iterable[AnswerStatistics]) -> "Habits":
        found = {(row.queue, row.rating): row for row in statistics}
        learning_costs, review_costs, _ = _DEFAULTS.state_rating_costs

        def rows(*queues: StudyQueue, rating: int) -> list[AnswerStatistics]:
            return [found[queue, rating] for queue in queues if (queue, rating) in found]

        def seconds(rating: int, default: float, *queues: StudyQueue) -> float:
            # The median of the kind with more answers.
            timed = [row for row in rows(*queues, rating=rating) if row.timed >= MIN_ANSWERS and row.median_ms]
            most = max(timed, key=lambda row: row.timed, default=None)
            return default if most is None or most.median_ms is None else most.median_ms / 1_000

        def shares(queue: StudyQueue, ratings: range, defaults: Sequence[float]) -> tuple[float, ...]:
            counts = [sum(row.answers for row in rows(queue, rating=rating)) for rating in ratings]
            total = sum(counts)
            return tuple(defaults) if total < MIN_ANSWERS else tuple(count / total for count in counts)

        return cls(
            tuple(
                seconds(rating, learning_costs[rating], StudyQueue.NEW, StudyQueue.LEARNING)
                for rating in range(_RATINGS)
            ),
            tuple(seconds(rating, review_costs[rating], StudyQueue.REVIEW) for rating in range(_RATINGS)),
            shares(StudyQueue.NEW, range(_RATINGS), _DEFAULTS.first_rating_prob),
            shares(StudyQueue.REVIEW, range(1, _RATINGS), _DEFAULTS.review_rating_prob),
        )

    def configure(self, config: SimulatorConfig) -> None:
        """Set what the engine's simulator knows of a learner."""
        config.state_rating_costs = [
            [*self.learning_seconds],
            [*self.review_seconds],
            # Of relearning steps, which are not distinguished.
            [*self.learning_seconds],
        ]
        config.first_rating_prob = [*self.first_ratings]
        config.review_rating_prob = [*self.recall_ratings]
