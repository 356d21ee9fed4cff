"""Saves a generated chapter with its words and the progress of its job, atomically."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.commands import chapters as commands
from db.commands import exercises as exercise_commands
from db.commands.jobs import lock_job_events
from db.core.transaction import Transaction
from db.queries.jobs import AttemptRow
from db.queries.textbooks import chapter_positions
from db.services import attempts
from domain.exercises import Exercise
from domain.ids import VocabularyId, new_id


@dataclass(frozen=True, slots=True)
class NewChapter:
    """A generated chapter. `vocabulary_ids`: the words that it teaches, in order."""

    position: int
    title: str
    summary: str
    content: str
    vocabulary_ids: Sequence[VocabularyId]
    exercises: Sequence[Exercise] = ()


async def save_chapter(transaction: Transaction, attempt: AttemptRow, chapter: NewChapter, *, of: int) -> None:
    """Insert the chapter unless its position is taken, and advance the job. Up to eight statements.

    Raises AttemptSuperseded; then nothing is saved.
    """
    await transaction.rows(lock_job_events)
    inserted = await transaction.row(
        commands.insert_chapter,
        id=new_id(),
        textbook_id=attempt.textbook_id,
        position=chapter.position,
        title=chapter.title,
        summary=chapter.summary,
        content=chapter.content,
        created_at=transaction.now,
        updated_at=transaction.now,
    )
    if inserted is not None:
        words = commands.chapter_words.values(enumerate(chapter.vocabulary_ids))
        await transaction.rows(commands.insert_chapter_words, chapter_id=inserted.id, **words)
        if chapter.exercises:
            ids = [new_id() for _ in chapter.exercises]
            found = exercise_commands.exercise_values(ids, chapter.exercises)
            await transaction.rows(exercise_commands.insert_exercises, chapter_id=inserted.id, **found)
            solutions = exercise_commands.solution_values(ids, chapter.exercises)
            await transaction.rows(exercise_commands.insert_solutions, **solutions)
    done = len(await transaction.rows(chapter_positions, textbook_id=attempt.textbook_id))
    # Administrators see it: without the title, because the textbook may be private.
    message = f"Chapter {chapter.position} is written."
    await attempts.advance(transaction, attempt, message, done=done, of=of)
