"""Queries for exercises and the viewer's attempts at them."""

from datetime import datetime

from sqlalchemy import Text, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from db.core.cache_tags import entity_tags
from db.core.statement import Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, row_columns
from db.tables.exercises import exercise_attempts, exercise_solutions, exercises
from domain.enums import AnswerLanguage, ExerciseKind
from domain.ids import BookId, ChapterId, ExerciseAttemptId, ExerciseId


class ExerciseRow(Row):
    """An exercise of a chapter or a book. `prompts` and `options` are JSON as text."""

    __slots__ = ()
    id: ExerciseId
    chapter_id: ChapterId | None
    book_id: BookId | None
    kind: ExerciseKind
    title: str
    task: str
    answer_language: AnswerLanguage
    prompts: str
    options: str


class SolutionsRow(Row):
    """The solutions of an exercise, as JSON; visible after an attempt."""

    __slots__ = ()
    exercise_id: ExerciseId
    solutions: str


class AttemptRow(Row):
    """A graded attempt, with the solutions of its exercise. `answers` and `solutions` are JSON as text."""

    __slots__ = ()
    id: ExerciseAttemptId
    exercise_id: ExerciseId
    answers: str
    results: list[bool]
    correct_count: int
    answered_at: datetime
    solutions: str


class KeyedAttemptRow(AttemptRow):
    """An attempt with its key."""

    __slots__ = ()
    idempotency_key: str


_exercises = select(*row_columns(exercises, ExerciseRow))
exercises_by_id = Query(
    _exercises.where(any_of(exercises.c.id, IDS)), ExerciseRow, rls_scoped=True, cache_tags=[entity_tags("Exercise")]
)
exercises_by_chapter_id = Query(
    _exercises.where(any_of(exercises.c.chapter_id, IDS)).order_by(exercises.c.chapter_id, exercises.c.position),
    ExerciseRow,
    rls_scoped=True,
    cache_tags=[entity_tags("Chapter")],
)
exercises_by_book_id = Query(
    _exercises.where(any_of(exercises.c.book_id, IDS)).order_by(exercises.c.book_id, exercises.c.position),
    ExerciseRow,
    rls_scoped=True,
    cache_tags=[entity_tags("Book")],
)

# Parameter: ids, of exercises.
solutions_by_exercise_id = Query(
    select(*row_columns(exercise_solutions, SolutionsRow)).where(any_of(exercise_solutions.c.exercise_id, IDS)),
    SolutionsRow,
    rls_scoped=True,
)

_attempts = (
    select(*row_columns(exercise_attempts, AttemptRow), exercise_solutions.c.solutions)
    .select_from(
        exercise_attempts.join(exercise_solutions, exercise_solutions.c.exercise_id == exercise_attempts.c.exercise_id)
    )
    .where(exercise_attempts.c.user_id == VIEWER_ID)
)
# The newest attempt at each exercise.
attempts_by_exercise_id = Query(
    _attempts.where(
        any_of(exercise_attempts.c.exercise_id, IDS),
    )
    .ext(distinct_on(exercise_attempts.c.exercise_id))
    .order_by(exercise_attempts.c.exercise_id, exercise_attempts.c.answered_at.desc(), exercise_attempts.c.id.desc()),
    AttemptRow,
    rls_scoped=True,
)
attempts_by_id = Query(_attempts.where(any_of(exercise_attempts.c.id, IDS)), AttemptRow, rls_scoped=True)
# Parameter: keys.
attempts_by_key = Query(
    _attempts.add_columns(exercise_attempts.c.idempotency_key).where(
        any_of(exercise_attempts.c.idempotency_key, bindparam("keys", type_=ARRAY(Text)))
    ),
    KeyedAttemptRow,
    rls_scoped=True,
)
