"""Requests analyses of texts, and saves their parts."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.commands import analyzed_texts as commands
from db.commands.jobs import lock_job_events
from db.core.transaction import Transaction
from db.queries.analyzed_texts import UnfinishedTextRow
from db.queries.jobs import AttemptRow, JobRow, job_counts
from db.services import attempts
from db.services.jobs import enqueue_job, repeated_job
from domain.analyzed_texts import MAX_TEXTS, MAX_UNFINISHED
from domain.enums import JobKind
from domain.ids import new_id
from domain.user_errors import UserErrorCode, invalid_input


@dataclass(frozen=True, slots=True)
class AnalyzedParts:
    """Consecutive parts and the numbers of their sentences, words, and words without an entry of the dictionary.

    `remaining`: the text after them; None if there is none.
    """

    texts: Sequence[str]
    sentences: int
    words: int
    unknown_words: int
    remaining: str | None


async def request_analysis(transaction: Transaction, text: str, idempotency_key: str | None) -> JobRow:
    """Save the text and enqueue the job that analyses it. Up to eight statements.

    A reused idempotency key returns the earlier job. The viewer's oldest texts are deleted if there are `MAX_TEXTS`.
    Raises InvalidInput if `MAX_UNFINISHED` analyses are unfinished.
    """
    await transaction.rows(lock_job_events)
    repeated = await repeated_job(transaction, JobKind.ANALYZE_TEXT, idempotency_key)
    if repeated is not None:
        return repeated
    [counts] = await transaction.rows(job_counts, kind=JobKind.ANALYZE_TEXT.value)
    if counts.waiting + counts.running >= MAX_UNFINISHED:
        message = f"Limit of {MAX_UNFINISHED} unfinished analyses reached; wait for one or cancel it."
        raise invalid_input(UserErrorCode.LIMIT_REACHED, message)
    await transaction.rows(commands.delete_oldest_texts, kept=MAX_TEXTS - 1)
    job = await enqueue_job(transaction, JobKind.ANALYZE_TEXT, {}, steps=len(text), idempotency_key=idempotency_key)
    await transaction.rows(commands.insert_text, id=new_id(), job_id=job.id, text=text, length=len(text))
    return job


async def save_parts(
    transaction: Transaction, attempt: AttemptRow, text: UnfinishedTextRow, parts: AnalyzedParts
) -> None:
    """Save the next parts, what remains, and the progress of the job, atomically. Five statements.

    `text`: as read by this attempt. Raises AttemptSuperseded; then nothing is saved.
    """
    await transaction.rows(lock_job_events)
    done = text.length - len(parts.remaining or "")
    message = f"{done:,} of {text.length:,} characters."
    # First, so that a superseded attempt does not insert parts that its successor has saved.
    await attempts.advance(transaction, attempt, message, done=done, of=text.length)
    numbered = commands.new_parts.values(enumerate(parts.texts, text.part_count + 1))
    await transaction.rows(commands.insert_parts, text_id=text.id, **numbered)
    await transaction.rows(
        commands.add_counts,
        text_id=text.id,
        remaining=parts.remaining,
        added_part_count=len(parts.texts),
        added_sentence_count=parts.sentences,
        added_word_count=parts.words,
        added_unknown_word_count=parts.unknown_words,
    )
