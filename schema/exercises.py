"""Exercises of chapters and books, and the viewer's attempts at them."""

from datetime import datetime

import strawberry

from db.queries.exercises import AttemptRow, ExerciseRow
from domain import exercises
from domain.enums import AnswerLanguage, ExerciseKind
from resolvers import exercises as resolve_exercises
from schema import lazy_types as ref
from schema import list_sizes
from schema.cache_control import TEXTBOOKS
from schema.directives import Cost
from schema.nodes import Node, is_row

# At most 300 characters.
_TEXT = Cost(weight="3")


@strawberry.type(description="A prompt of an exercise: a word, a sentence or a question.", directives=[TEXTBOOKS])
class ExercisePrompt:
    is_type_of = is_row(exercises.Prompt)

    text: str = strawberry.field(description="The text. A gap is ＿＿＿＿.", directives=[_TEXT])
    translation: str | None = strawberry.field(
        description="The English translation of a sentence with a gap.", directives=[_TEXT]
    )


@strawberry.type(description="The answer of the viewer to a prompt, and the right one.")
class PromptResult:
    is_type_of = is_row(resolve_exercises.PromptResult)

    is_correct: bool = strawberry.field(description="Whether the answer is right.")
    given_option: int | None = strawberry.field(description="The chosen option.")
    given_text: str | None = strawberry.field(description="The typed answer.", directives=[_TEXT])
    correct_option: int | None = strawberry.field(description="The right option; null if the exercise has no options.")
    answer: str = strawberry.field(description="The right answer.", directives=[_TEXT])
    explanation: str | None = strawberry.field(
        description="Why it is right, in English; or the usual spelling of a word in kana.", directives=[_TEXT]
    )


@strawberry.type(description="An attempt of the viewer at an exercise.")
class ExerciseAttempt(Node):
    is_type_of = is_row(AttemptRow)

    exercise_id = strawberry.field(
        resolver=resolve_exercises.attempt_exercise_id,
        graphql_type=strawberry.ID,
        description="The global id of the exercise, for clients that keep copies.",
    )
    answered_at: datetime = strawberry.field(description="When the exercise was answered.")
    correct_count: int = strawberry.field(description="Number of right answers.")
    score = strawberry.field(
        resolver=resolve_exercises.score, graphql_type=float, description="Share of right answers, from 0 to 1."
    )
    results = strawberry.field(
        resolver=resolve_exercises.results,
        graphql_type=list[PromptResult],
        description="One result for each prompt, in their order.",
        directives=[list_sizes.PROMPTS],
    )


@strawberry.type(
    description="An exercise. Its solutions are in the results of an attempt: answer it by `answerExercises`.",
    directives=[TEXTBOOKS],
)
class Exercise(Node):
    is_type_of = is_row(ExerciseRow)

    kind: ExerciseKind = strawberry.field(description="What to do.")
    title: str = strawberry.field(description="Title in English.")
    task: str = strawberry.field(description="The task in English.")
    answer_language: AnswerLanguage = strawberry.field(description="The language of the answers.")
    prompts = strawberry.field(
        resolver=resolve_exercises.prompts,
        graphql_type=list[ExercisePrompt],
        description="The prompts, of which each has one answer.",
        directives=[list_sizes.PROMPTS],
    )
    options = strawberry.field(
        resolver=resolve_exercises.options,
        graphql_type=list[str],
        description="The options, which all prompts share; empty if answers are typed.",
        directives=[list_sizes.OPTIONS, _TEXT],
    )
    chapter = strawberry.field(
        resolver=resolve_exercises.chapter,
        graphql_type=ref.Chapter | None,
        description="The chapter of the exercise; null if it belongs to a book.",
    )
    book = strawberry.field(
        resolver=resolve_exercises.book,
        graphql_type=ref.Book | None,
        description="The book of the exercise; null if it belongs to a chapter.",
    )
    last_attempt = strawberry.field(
        resolver=resolve_exercises.last_attempt,
        graphql_type=ExerciseAttempt | None,
        description="The viewer's newest attempt; null without one and for anonymous requests.",
    )
