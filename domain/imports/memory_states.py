"""The memory state of FSRS for cards whose source has none."""

from collections.abc import Sequence
from datetime import date
from functools import cache

from fsrs_rs_python import DEFAULT_PARAMETERS, FSRS, FSRSItem, FSRSReview, MemoryState

from domain.imports.records import Memory, Rating
from domain.scheduling.card import INITIAL_EASE_FACTOR

# The share of cards that SM-2 lets learners remember on the due day, which its interval is taken for.
_SM2_RETENTION = 0.9
_MIN_INTERVAL_DAYS = 1.0


def memory_from_answers(answers: Sequence[tuple[date, Rating]], start: Memory | None = None) -> Memory | None:
    """The memory after answers in order, by FSRS-6 with its default parameters. None for no answers.

    `start`: after the first answer, if the first one is not the first of the card.
    """
    if not answers:
        return None
    if start is not None:
        if len(answers) == 1:
            return start
        items, state = _items(answers)[1:], MemoryState(*start)
    else:
        items, state = _items(answers), None
    return _rounded(_model().memory_state(FSRSItem(items), state))


def memory_from_sm2(ease_factor: float | None, interval_days: float) -> Memory:
    """The memory of a card of SM-2: its interval is the stability, its ease factor gives the difficulty.

    The difficulty D is what lets FSRS multiply the stability S by the ease factor E after Good on the due day:
    E = 1 + e^w8 · (11 − D) · S^−w9 · (e^(w10 · 0.1) − 1), limited to 1..10.
    """
    return _rounded(
        _model().memory_state_from_sm2(
            ease_factor or INITIAL_EASE_FACTOR, max(interval_days, _MIN_INTERVAL_DAYS), _SM2_RETENTION
        )
    )


def _items(answers: Sequence[tuple[date, Rating]]) -> list[FSRSReview]:
    days = [answers[0][0], *(day for day, _ in answers)]
    return [
        FSRSReview(int(rating), max((day - before).days, 0))
        for before, (day, rating) in zip(days, answers, strict=False)
    ]


def _rounded(state: MemoryState) -> Memory:
    """With the decimals that Anki stores."""
    return Memory(round(state.stability, 4), round(state.difficulty, 3))


@cache
def _model() -> FSRS:
    return FSRS(DEFAULT_PARAMETERS)
