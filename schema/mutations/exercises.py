"""The mutation that answers exercises."""

import strawberry

from domain.enums import Role
from resolvers.mutations import exercises as resolve_exercises
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.exercises import Exercise, ExerciseAttempt
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

describe_input(
    resolve_exercises.PromptAnswerInput,
    "An answer to a prompt: an option or text. Neither: unanswered.",
    option="Index of an option, from 0.",
    text=(
        "Typed text, also in place of an option; max 300 characters. Japanese may be in kanji, kana or romaji; "
        "English is compared without case, articles and punctuation, and sentences by three quarters of their words."
    ),
)

describe_input(
    resolve_exercises.ExerciseAttemptInput,
    "An attempt at an exercise.",
    exercise_id="The exercise.",
    answers="One answer for each prompt, in their order; at least one of them is given.",
    answered_at="Time of the answers; default now. Future times are replaced by the current time.",
    idempotency_key=(
        "Idempotency key of the attempt, such as a UUID; 1 to 200 characters. A repeated attempt is not saved again."
    ),
)

describe_input(
    resolve_exercises.AnswerExercisesInput,
    "Input of answerExercises.",
    attempts="1 to 100 attempts, in any order.",
)


@strawberry.type(description="Result of one attempt of a batch.")
class ExerciseResult:
    idempotency_key: str = strawberry.field(
        description="The idempotency key, truncated to 200 characters.", directives=[Cost(weight="2")]
    )
    exercise: Exercise | None = strawberry.field(description="The exercise.")
    attempt: ExerciseAttempt | None = strawberry.field(description="The graded attempt, with the right answers.")
    duplicate: bool = strawberry.field(description="Whether the attempt had been saved before.")
    error: UserError | None = strawberry.field(description="Why the attempt was not saved; null on success.")


@strawberry.type(description="Result of answerExercises.")
class AnswerExercisesPayload(ViewerPayload):
    results: list[ExerciseResult] = strawberry.field(
        description="One result for each attempt, in the order of the input."
    )
    errors: list[UserError] = strawberry.field(
        description=(
            "User-correctable errors of the batch; if there are any, nothing was saved. Errors of a single "
            "attempt are in its result."
        ),
        directives=[list_sizes.ERRORS],
    )


@strawberry.type
class ExerciseMutations:
    answer_exercises = strawberry.mutation(
        resolver=resolve_exercises.answer_exercises,
        graphql_type=AnswerExercisesPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Grades and saves 1 to 100 attempts at exercises in one transaction, each exactly once, and returns the "
            "right answers."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="200"), list_sizes.as_long_as("input.attempts", "results")],
    )
