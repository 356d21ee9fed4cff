"""A chapter is saved when it is written, with its words, and its job is a step further: all of it, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from db.commands import chapters as commands
from db.commands.jobs import lock_job_events
from db.core.transaction import Transaction
from db.queries.jobs import AttemptRow
from db.queries.textbooks import chapter_positions
from db.services import attempts
from domain.ids import new_id


@dataclass(frozen=True, slots=True)
class NewChapter:
    """`vocabulary_ids`: the words it teaches, in their order."""

    position: int
    title: str
    summary: str
    content: str
    vocabulary_ids: Sequence[UUID]


async def save_chapter(transaction: Transaction, attempt: AttemptRow, chapter: NewChapter, *, of: int) -> None:
    """Up to six statements. A chapter whose position is taken is there already and left as it is.

    Raises AttemptSuperseded, and nothing is saved then.
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
    done = len(await transaction.rows(chapter_positions, textbook_id=attempt.textbook_id))
    message = f"Chapter {chapter.position} is written: {chapter.title}."
    await attempts.advance(transaction, attempt, message, done=done, of=of)
