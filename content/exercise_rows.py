"""Writes the exercises of the content with their solutions."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

import asyncpg

from content.loader import content_id
from domain.exercises import Exercise, encode_options, encode_prompts, encode_solutions

EXERCISE_TABLES = ("exercises", "exercise_solutions")

_INSERT = """
    insert into exercises (id, {parent}, position, kind, title, task, answer_language, prompts, options)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


async def save_exercises(
    connection: asyncpg.Connection,
    parent: Literal["chapter_id", "book_id"],
    exercises: Mapping[UUID, Sequence[Exercise]],
) -> None:
    """Replace the exercises of chapters or books. Unchanged ones, with the attempts of learners, stay."""
    wanted = {
        _id(parent_id, position, exercise): (parent_id, position, exercise)
        for parent_id, found in exercises.items()
        for position, exercise in enumerate(found)
    }
    await connection.execute(
        f"delete from exercises where {parent} = any($1) and id <> all($2)",  # a name
        list(exercises),
        list(wanted),
    )
    rows = await connection.fetch("select id from exercises where id = any($1)", list(wanted))
    new = {id: values for id, values in wanted.items() if id not in {row["id"] for row in rows}}
    await connection.executemany(
        _INSERT.format(parent=parent),
        [
            (
                id,
                parent_id,
                position,
                exercise.kind.value,
                exercise.title,
                exercise.task,
                exercise.answer_language.value,
                encode_prompts(exercise.prompts),
                encode_options(exercise.options),
            )
            for id, (parent_id, position, exercise) in new.items()
        ],
    )
    await connection.executemany(
        "insert into exercise_solutions (exercise_id, solutions) values ($1, $2)",
        [(id, encode_solutions(exercise.solutions)) for id, (_, _, exercise) in new.items()],
    )


def _id(parent_id: UUID, position: int, exercise: Exercise) -> UUID:
    """Return an id that stays while the exercise does, so that a changed exercise has no attempts."""
    return content_id("exercise", f"{parent_id} {position} {hashlib.sha256(repr(exercise).encode()).hexdigest()}", 0)
