"""Queries for exercises and the viewer's attempts at them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Text, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from db.core.cache_tags import entity_tags
from db.core.statement import Query, Row
from db.queries.expressions import IDS, any_of, row_columns
from db.queries.own_rows import own_rows
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


def _attempts(*conditions: ColumnElement[bool]) -> tuple[Select[Any], FromClause]:
    """Select the viewer's attempts that meet the conditions, with solutions. Also return the attempts in it."""
    columns = (*row_columns(exercise_attempts, AttemptRow), exercise_attempts.c.idempotency_key)
    own = own_rows("own_attempts", exercise_attempts, *columns, where=conditions)
    attempts = select(*row_columns(own, AttemptRow), exercise_solutions.c.solutions).select_from(
        own.join(exercise_solutions, exercise_solutions.c.exercise_id == own.c.exercise_id)
    )
    return attempts, own


_found, _own = _attempts(any_of(exercise_attempts.c.exercise_id, IDS))
# The newest attempt at each exercise.
attempts_by_exercise_id = Query(
    _found.ext(distinct_on(_own.c.exercise_id)).order_by(
        _own.c.exercise_id, _own.c.answered_at.desc(), _own.c.id.desc()
    ),
    AttemptRow,
    rls_scoped=True,
)
attempts_by_id = Query(_attempts(any_of(exercise_attempts.c.id, IDS))[0], AttemptRow, rls_scoped=True)
_found, _own = _attempts(any_of(exercise_attempts.c.idempotency_key, bindparam("keys", type_=ARRAY(Text))))
# Parameter: keys.
attempts_by_key = Query(_found.add_columns(_own.c.idempotency_key), KeyedAttemptRow, rls_scoped=True)
