"""Resolvers of exercises and attempts."""

from dataclasses import dataclass

import orjson
import strawberry

from db.queries.exercises import AttemptRow, ExerciseRow
from domain.exercises import Prompt, decode_answers, decode_prompts, decode_solutions
from domain.ids import global_id
from resolvers.loader_field import load_by_key


@dataclass(frozen=True, slots=True)
class PromptResult:
    """The given answer to a prompt and the solution."""

    is_correct: bool
    given_option: int | None
    given_text: str | None
    correct_option: int | None
    answer: str
    explanation: str | None


def prompts(parent: strawberry.Parent[ExerciseRow]) -> list[Prompt]:
    return decode_prompts(parent.prompts)


def options(parent: strawberry.Parent[ExerciseRow]) -> list[str]:
    found: list[str] = orjson.loads(parent.options)
    return found


chapter = load_by_key(lambda loaders: loaders.textbooks.chapter_by_id, key="chapter_id")

book = load_by_key(lambda loaders: loaders.books.book_by_id, key="book_id")

last_attempt = load_by_key(lambda loaders: loaders.exercises.last_attempt_by_exercise_id)

chapter_exercises = load_by_key(lambda loaders: loaders.exercises.exercises_by_chapter_id)

book_exercises = load_by_key(lambda loaders: loaders.exercises.exercises_by_book_id)


def results(parent: strawberry.Parent[AttemptRow]) -> list[PromptResult]:
    answers, solutions = decode_answers(parent.answers), decode_solutions(parent.solutions)
    return [
        PromptResult(is_correct, answer.option, answer.text, solution.option, solution.answer, solution.explanation)
        for answer, is_correct, solution in zip(answers, parent.results, solutions, strict=True)
    ]


def attempt_exercise_id(parent: strawberry.Parent[AttemptRow]) -> str:
    return global_id("Exercise", parent.exercise_id)


def score(parent: strawberry.Parent[AttemptRow]) -> float:
    return parent.correct_count / len(parent.results)
