"""Saves and grades attempts at exercises, each exactly once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from db.commands import exercises as commands
from db.commands.chapter_progress import touch_chapter_progress
from db.core.transaction import Transaction
from db.queries.exercises import (
    AttemptRow,
    ExerciseRow,
    KeyedAttemptRow,
    attempts_by_key,
    exercises_by_id,
    solutions_by_exercise_id,
)
from domain.enums import AnswerLanguage
from domain.exercises import Refusal, SubmittedAttempt, decode_answers, decode_solutions, find_refusal, grade
from domain.ids import ExerciseId, new_id
from domain.user_errors import UserErrorCode

_NOT_FOUND = Refusal(UserErrorCode.NOT_FOUND, "Exercise not found.", ("exerciseId",))
_CONFLICT = Refusal(
    UserErrorCode.CONFLICT, "The idempotency key was used for a different attempt.", ("idempotencyKey",)
)


@dataclass(frozen=True, slots=True)
class SavedAttempt:
    """The result of a submitted attempt: it is saved exactly once, or refused."""

    exercise: ExerciseRow | None = None
    attempt: AttemptRow | None = None
    duplicate: bool = False
    refusal: Refusal | None = None


async def answer_exercises(transaction: Transaction, submitted: Sequence[SubmittedAttempt]) -> list[SavedAttempt]:
    """Save and grade attempts, and return their results in order.

    Five statements, six if another request saves one of the keys at the same time, and one more on a distributed
    database. A reused idempotency key returns the earlier attempt if the content is the same. The solutions are read
    after the attempts are saved, because row-level security hides them before.
    """
    ids = list({attempt.exercise_id for attempt in submitted})
    exercises = {row.id: row for row in await transaction.rows(exercises_by_id, ids=ids)}
    refusals = [_refusal(attempt, exercises.get(attempt.exercise_id)) for attempt in submitted]
    keys = list({attempt.idempotency_key for attempt in submitted})
    earlier = await _attempts_by_key(transaction, keys)
    added: dict[str, SubmittedAttempt] = {}
    for attempt, refusal in zip(submitted, refusals, strict=True):
        if refusal is None and attempt.idempotency_key not in earlier:
            added.setdefault(attempt.idempotency_key, attempt)
    graded = await _add(transaction, exercises, added) if added else {}
    if len(graded) < len(added):
        earlier |= await _attempts_by_key(transaction, [key for key in added if key not in graded])

    def outcome(attempt: SubmittedAttempt, refusal: Refusal | None) -> SavedAttempt:
        key = attempt.idempotency_key
        row = graded.get(key) or earlier.get(key)
        if refusal is not None:
            return SavedAttempt(refusal=refusal)
        if row is None or row.exercise_id != attempt.exercise_id or decode_answers(row.answers) != [*attempt.answers]:
            return SavedAttempt(refusal=_CONFLICT)
        is_new = key in graded and added[key] is attempt
        return SavedAttempt(exercises[attempt.exercise_id], row, duplicate=not is_new)

    return [outcome(attempt, refusal) for attempt, refusal in zip(submitted, refusals, strict=True)]


def _refusal(attempt: SubmittedAttempt, exercise: ExerciseRow | None) -> Refusal | None:
    if exercise is None:
        return _NOT_FOUND
    prompts, options = orjson.loads(exercise.prompts), orjson.loads(exercise.options)
    return find_refusal(attempt.answers, len(prompts), len(options))


async def _attempts_by_key(transaction: Transaction, keys: Sequence[str]) -> dict[str, KeyedAttemptRow]:
    return {row.idempotency_key: row for row in await transaction.rows(attempts_by_key, keys=keys)}


async def _add(
    transaction: Transaction, exercises: Mapping[ExerciseId, ExerciseRow], added: Mapping[str, SubmittedAttempt]
) -> dict[str, KeyedAttemptRow]:
    """Save new attempts and return their rows by key, without those whose keys another request has used."""
    attempts = {new_id(): attempt for attempt in added.values()}
    values = commands.attempt_values(attempts.items(), transaction.now)
    inserted = await transaction.rows(commands.insert_attempts, **values)
    ids = list({attempt.exercise_id for attempt in added.values()})
    solutions = {row.exercise_id: row.solutions for row in await transaction.rows(solutions_by_exercise_id, ids=ids)}
    decoded = {exercise_id: decode_solutions(found) for exercise_id, found in solutions.items()}

    def results(attempt: SubmittedAttempt) -> list[bool]:
        language = AnswerLanguage(exercises[attempt.exercise_id].answer_language)
        pairs = zip(attempt.answers, decoded[attempt.exercise_id], strict=True)
        return [grade(answer, solution, language) for answer, solution in pairs]

    new = [(row.id, attempts[row.id]) for row in inserted]
    graded = [(id, results(attempt), solutions[attempt.exercise_id]) for id, attempt in new]
    found = await transaction.rows(commands.grade_attempts, **commands.graded_values(graded))
    if transaction.is_distributed:
        chapters = {chapter for _, attempt in new if (chapter := exercises[attempt.exercise_id].chapter_id)}
        await transaction.rows(touch_chapter_progress, ids=sorted(chapters))
    return {row.idempotency_key: row for row in found}
