"""Attempts as clients submit them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.exercises.model import Answer
from domain.ids import ExerciseId
from domain.user_errors import UserErrorCode


@dataclass(frozen=True, slots=True)
class SubmittedAttempt:
    """The answers of a learner to all prompts of an exercise. `answered_at`: None for now."""

    exercise_id: ExerciseId
    answers: tuple[Answer, ...]
    idempotency_key: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an attempt is not saved. `path`: within the attempt."""

    code: UserErrorCode
    message: str
    path: tuple[str, ...]


def find_refusal(answers: Sequence[Answer], prompt_count: int, option_count: int) -> Refusal | None:
    """Return what is wrong with the answers to an exercise, by its numbers of prompts and options."""
    if len(answers) != prompt_count:
        message = f"answers has {len(answers)} items; the exercise has {prompt_count} prompts."
        return Refusal(UserErrorCode.INVALID, message, ("answers",))
    for index, answer in enumerate(answers):
        if answer.option is not None and not 0 <= answer.option < option_count:
            message = f"option: {answer.option} is not one of the {option_count} options, counted from 0."
            return Refusal(UserErrorCode.OUT_OF_RANGE, message, ("answers", str(index)))
    return None
