"""The mutation that answers exercises."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import strawberry

from db.queries.exercises import AttemptRow, ExerciseRow
from db.services import exercises as exercise_service
from domain.exercises import MAX_ANSWER_LENGTH, MAX_PROMPTS, Answer, SubmittedAttempt
from domain.ids import ExerciseId
from domain.rate_limits import WRITES
from domain.user_errors import UserError, UserErrorCode
from domain.validation import Validator
from resolvers.context import Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited

MAX_ATTEMPTS = 100
MAX_KEY_LENGTH = 200


@dataclass(kw_only=True)
class PromptAnswerInput:
    option: int | None = None
    text: str | None = None


@dataclass(kw_only=True)
class ExerciseAttemptInput:
    exercise_id: strawberry.ID
    answers: list[PromptAnswerInput]
    answered_at: datetime | None = None
    idempotency_key: str


@dataclass(kw_only=True)
class AnswerExercisesInput:
    attempts: list[ExerciseAttemptInput]


@dataclass(frozen=True, slots=True)
class ExerciseResult:
    """Result of one attempt of a batch."""

    idempotency_key: str
    exercise: ExerciseRow | None = None
    attempt: AttemptRow | None = None
    duplicate: bool = False
    error: UserError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerExercisesPayload(Payload):
    """`results`: in the order of the input."""

    results: Sequence[ExerciseResult] = ()


@returns_user_errors(AnswerExercisesPayload)
@rate_limited(WRITES, lambda input: len(input.attempts))
async def answer_exercises(info: Info, input: AnswerExercisesInput) -> AnswerExercisesPayload:
    validator = Validator()
    validator.size(input.attempts, MAX_ATTEMPTS, "attempts")
    validator.raise_if_invalid()
    checked = [_check(attempt, index) for index, attempt in enumerate(input.attempts)]
    usable = [attempt for attempt in checked if isinstance(attempt, SubmittedAttempt)]
    save = partial(exercise_service.answer_exercises, submitted=usable)
    saved = iter(await info.context.run_transaction(save) if usable else ())
    return AnswerExercisesPayload(
        results=[
            ExerciseResult(attempt.idempotency_key[:MAX_KEY_LENGTH], error=found)
            if isinstance(found, UserError)
            else _result(found, next(saved), index)
            for index, (attempt, found) in enumerate(zip(input.attempts, checked, strict=True))
        ]
    )


def _check(attempt: ExerciseAttemptInput, index: int) -> SubmittedAttempt | UserError:
    """The validated attempt, or its first error."""
    validator = Validator("attempts", str(index))
    exercise_id = validator.parse_id(ExerciseId, attempt.exercise_id, "exerciseId")
    validator.size(attempt.answers, MAX_PROMPTS, "answers")
    validator.timestamp(attempt.answered_at, "answeredAt")
    key = validator.line(attempt.idempotency_key, MAX_KEY_LENGTH, "idempotencyKey")
    answers = tuple(
        _checked_answer(validator, answer, "answers", str(position))
        for position, answer in enumerate(attempt.answers[:MAX_PROMPTS])
    )
    # The solutions are shown to those who tried.
    if not any(answer.is_given for answer in answers):
        validator.add_error(UserErrorCode.REQUIRED, "answers: no prompt is answered.", "answers")
    return validator.errors[0] if validator.errors else SubmittedAttempt(exercise_id, answers, key, attempt.answered_at)


def _checked_answer(validator: Validator, answer: PromptAnswerInput, *path: str) -> Answer:
    if answer.option is not None and answer.text is not None:
        validator.add_error(UserErrorCode.INVALID, "Only one of option and text can be given.", *path)
    text = "" if answer.text is None else validator.text(answer.text, MAX_ANSWER_LENGTH, *path, empty=True)
    return Answer(answer.option, text or None)


def _result(attempt: SubmittedAttempt, saved: exercise_service.SavedAttempt, index: int) -> ExerciseResult:
    error: UserError | None = None
    if saved.refusal is not None:
        path = ("attempts", str(index), *saved.refusal.path)
        error = UserError(saved.refusal.code, saved.refusal.message, path)
    return ExerciseResult(attempt.idempotency_key, saved.exercise, saved.attempt, saved.duplicate, error)
