"""Fits the parameters of FSRS-6 to a learner's reviews, by the optimizer of `fsrs-rs`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import fsrs_rs_python
from fsrs_rs_python import FSRS, FSRSItem, FSRSReview, default_simulator_config, optimal_retention

from domain.enums import ScheduleChangeKind
from domain.ids import CardId
from domain.scheduling.fsrs import RATINGS
from domain.scheduling.habits import Habits

# Of FSRS-6.
DEFAULT_PARAMETERS = tuple(fsrs_rs_python.DEFAULT_PARAMETERS)

# Fewer reviews do not determine 21 parameters.
MIN_REVIEWS = 400
# The newest ones are used. The optimizer takes 20 µs per review, without releasing the interpreter.
MAX_REVIEWS = 50_000
# The last fifth of the reviews decides whether the fit is an improvement.
_TRAINING_SHARE = 0.8
# Longer histories of a card add little, and each review repeats the history before it.
_MAX_HISTORY = 64
# A simulation of more cards takes longer and gives about the same result.
_SIMULATED_CARDS, _NEW_CARDS_A_DAY = 500, 5


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well predictions agree with answers; lower is better. `rmse`: of bins of similar reviews."""

    log_loss: float
    rmse: float


class FittedEntry(NamedTuple):
    """A log entry of a card. `quality`: None for one of another `kind` than a review, which is a reset or an import.

    `is_after_others`: whether the log has reviews of the card before the entries of the fit.
    """

    card_id: CardId
    day: date
    quality: int | None
    kind: ScheduleChangeKind | None = None
    is_after_others: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """Fitted parameters. Both evaluations are of the last fifth of the reviews, which the fit did not use.

    `reviews`: the number of reviews in known histories.
    """

    parameters: tuple[float, ...]
    evaluation: Evaluation
    previous: Evaluation
    reviews: int

    @property
    def is_improvement(self) -> bool:
        return self.evaluation.log_loss < self.previous.log_loss


def fit(entries: Iterable[FittedEntry], parameters: Sequence[float]) -> Fit | None:
    """Fit to entries in the order of the log, and compare with the present parameters.

    `parameters`: empty for the defaults. Returns None if there are too few reviews of cards with known histories, or if
    none of them was on a later day than the one before it.
    """
    items, used = to_items(entries)
    if used < MIN_REVIEWS:
        return None
    training = int(len(items) * _TRAINING_SHARE)
    if training == 0:
        return None
    fitted = FSRS(DEFAULT_PARAMETERS).compute_parameters(items[:training])
    last = items[training:]
    evaluation, previous = _evaluate(fitted, last), _evaluate(parameters or DEFAULT_PARAMETERS, last)
    return Fit(tuple(fitted), evaluation, previous, used)


def find_optimal_retention(parameters: Sequence[float], habits: Habits) -> float:
    """The retention at which a learner remembers most for the time spent. `parameters`: empty for the defaults."""
    config = default_simulator_config()
    habits.configure(config)
    config.deck_size, config.learn_limit = _SIMULATED_CARDS, _NEW_CARDS_A_DAY
    return optimal_retention(config, parameters or DEFAULT_PARAMETERS)


def to_items(entries: Iterable[FittedEntry]) -> tuple[list[FSRSItem], int]:
    """One item for each review on a later day than the last one of its card, with the reviews before it.

    Also returns the number of reviews in known histories. A history starts with the first review of a card, and again
    after a reset. It is unknown if it started before the entries, and after an import that gave the card a state.
    """
    histories: dict[CardId, list[FSRSReview] | None] = {}
    last_days: dict[CardId, date] = {}
    items, used = [], 0
    for card_id, day, quality, kind, is_after_others in entries:
        if kind is ScheduleChangeKind.RESET:
            histories[card_id] = []
        elif kind is ScheduleChangeKind.IMPORT:
            histories[card_id] = None
        if quality is None:
            last_days.pop(card_id, None)
            continue
        history = histories.setdefault(card_id, None if is_after_others else [])
        if history is None:
            continue
        used += 1
        elapsed = max((day - last_days.get(card_id, day)).days, 0)
        last_days[card_id] = day
        if len(history) < _MAX_HISTORY:
            history.append(FSRSReview(RATINGS[quality] + 1, elapsed))
            if elapsed:
                items.append(FSRSItem(history))
    return items, used


def _evaluate(parameters: Sequence[float], items: Sequence[FSRSItem]) -> Evaluation:
    found = FSRS(parameters).evaluate(items)
    return Evaluation(found.log_loss, found.rmse_bins)
