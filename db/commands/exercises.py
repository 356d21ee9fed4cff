"""Statements that insert exercises with their solutions, and the attempts of learners."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, SmallInteger, Text, bindparam, cast, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as UuidType
from sqlalchemy.dialects.postgresql import insert as upsert

from db.commands.json_rows import JsonRows
from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Row
from db.queries.exercises import AttemptRow, KeyedAttemptRow
from db.queries.expressions import NOW, VIEWER_ID, row_columns
from db.tables.base import Timestamp
from db.tables.exercises import exercise_attempts, exercise_solutions, exercises
from domain.exercises import (
    Exercise,
    SubmittedAttempt,
    encode_answers,
    encode_options,
    encode_prompts,
    encode_solutions,
)
from domain.timestamps import clamp_to_now


class InsertedAttemptRow(Row):
    """An attempt that was inserted."""

    __slots__ = ()
    id: UUID


_TEXTS = ("kind", "title", "task", "answer_language")
_exercises = UnnestedRows(
    "new_exercises",
    {
        "id": UuidType(),
        "position": SmallInteger(),
        **dict.fromkeys(_TEXTS, Text()),
        "prompts": Text(),
        "options": Text(),
    },
)
_new = _exercises.table.c
# Of one chapter. Parameters: chapter_id, and `exercise_values`.
insert_exercises = Command(
    insert(exercises).from_select(
        ["id", "chapter_id", "position", *_TEXTS, "prompts", "options"],
        select(
            _new.id,
            bindparam("chapter_id", type_=UuidType),
            _new.position,
            *(_new[name] for name in _TEXTS),
            cast(_new.prompts, JSONB),
            cast(_new.options, JSONB),
        ),
    ),
    Row,
)

_solutions = UnnestedRows("new_solutions", {"exercise_id": UuidType(), "solutions": Text()})
# Parameters: `solution_values`.
insert_solutions = Command(
    insert(exercise_solutions).from_select(
        ["exercise_id", "solutions"],
        select(_solutions.table.c.exercise_id, cast(_solutions.table.c.solutions, JSONB)),
    ),
    Row,
)

_attempts = UnnestedRows(
    "new_attempts",
    {
        "id": UuidType(),
        "exercise_id": UuidType(),
        "idempotency_key": Text(),
        "answers": Text(),
        "answered_at": Timestamp,
    },
)
_submitted = _attempts.table.c
# Ungraded: the solutions are visible after this statement. No row for a key that is in use; sorted by key, so that
# concurrent batches do not deadlock. Parameters: `attempt_values`, viewer_id, now.
insert_attempts = Command(
    upsert(exercise_attempts)
    .from_select(
        ["id", "user_id", "exercise_id", "idempotency_key", "answers", "answered_at", "created_at"],
        select(
            _submitted.id,
            VIEWER_ID,
            _submitted.exercise_id,
            _submitted.idempotency_key,
            cast(_submitted.answers, JSONB),
            _submitted.answered_at,
            NOW,
        ).order_by(_submitted.idempotency_key),
    )
    .on_conflict_do_nothing(index_elements=["user_id", "idempotency_key"])
    .returning(exercise_attempts.c.id),
    InsertedAttemptRow,
)

# Columns have their types, because Citus does not convert them in an UPDATE.
_graded_rows = JsonRows(
    "graded", {"id": UuidType(), "results": ARRAY(Boolean), "correct_count": SmallInteger(), "solutions": Text()}
)
_graded = select(_graded_rows.table).cte("graded").prefix_with("materialized")
# With the solutions of the parameters, which the caller has read. Parameters: `graded_values`, viewer_id.
grade_attempts = Command(
    update(exercise_attempts)
    .values(
        results=_graded.c.results,
        correct_count=_graded.c.correct_count,
        changed_in=func.pg_current_xact_id(),
    )
    .where(exercise_attempts.c.id == _graded.c.id, exercise_attempts.c.user_id == VIEWER_ID)
    .returning(*row_columns(exercise_attempts, AttemptRow), _graded.c.solutions, exercise_attempts.c.idempotency_key),
    KeyedAttemptRow,
)


def attempt_values(attempts: Iterable[tuple[UUID, SubmittedAttempt]], now: datetime) -> dict[str, list[object]]:
    """Return the parameters for attempts with their ids."""
    return _attempts.values(
        (
            id,
            attempt.exercise_id,
            attempt.idempotency_key,
            encode_answers(attempt.answers),
            clamp_to_now(attempt.answered_at, now),
        )
        for id, attempt in attempts
    )


def graded_values(graded: Iterable[tuple[UUID, Sequence[bool], str]]) -> dict[str, str]:
    """Return the parameters for attempts by id: their results, and the solutions of their exercises."""
    return {"graded": _graded_rows.value((id, results, sum(results), solutions) for id, results, solutions in graded)}


def exercise_values(ids: Sequence[UUID], found: Sequence[Exercise]) -> dict[str, list[object]]:
    """Return the parameters for exercises in their order."""
    return _exercises.values(
        (
            id,
            position,
            exercise.kind.value,
            exercise.title,
            exercise.task,
            exercise.answer_language.value,
            encode_prompts(exercise.prompts),
            encode_options(exercise.options),
        )
        for position, (id, exercise) in enumerate(zip(ids, found, strict=True))
    )


def solution_values(ids: Sequence[UUID], found: Sequence[Exercise]) -> dict[str, list[object]]:
    """Return the parameters for the solutions of exercises."""
    return _solutions.values((id, encode_solutions(each.solutions)) for id, each in zip(ids, found, strict=True))
