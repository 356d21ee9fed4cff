"""The job that splits text into parts and counts its words."""

from functools import partial
from itertools import islice

from analysis.sentences import split_parts
from common.executors import COMPUTING, run_in
from content.text_words import WordFinder, words_of
from db.core.transaction import Transaction
from db.queries.analyzed_texts import unfinished_text
from db.services.analyzed_texts import AnalyzedParts, save_parts
from domain.analyzed_texts import MAX_PART_LENGTH
from domain.errors import ErrorCode
from domain.jobs import JobFailed
from jobs.attempts import Attempt

# About 25,000 characters, whose analysis takes 0.3 seconds of CPU time.
_PARTS_PER_BATCH = 42


async def analyze_text(attempt: Attempt) -> None:
    """Save the parts in batches. Raises JobFailed and AttemptSuperseded.

    Safe to repeat: each batch continues with what remains after those that were saved.
    """
    while True:
        text = await attempt.reads().row(unfinished_text, job_id=attempt.job.id, viewer_id=attempt.viewer.id)
        if text is None:
            message = "The text was deleted to store newer ones; request its analysis again."
            raise JobFailed(ErrorCode.NOT_FOUND, message, retryable=False)
        if text.remaining is None:
            return
        # Entries are read in a transaction of their own, because saving locks the learner's jobs.
        parts = await attempt.write(partial(_analyze, text=text.remaining))
        await attempt.write(partial(save_parts, attempt=attempt.job, text=text, parts=parts))


async def _analyze(transaction: Transaction, text: str) -> AnalyzedParts:
    parts = await run_in(COMPUTING, _first_parts, text)
    with transaction.raw_connection() as connection:
        found = await WordFinder(connection).find(parts)
    words = [token for sentences in found for _, token in words_of(sentences)]
    return AnalyzedParts(
        texts=parts,
        sentences=sum(map(len, found)),
        words=len(words),
        unknown_words=sum(word.vocabulary_id is None for word in words),
        remaining=text[sum(map(len, parts)) :] or None,
    )


def _first_parts(text: str) -> list[str]:
    return list(islice(split_parts(text, MAX_PART_LENGTH), _PARTS_PER_BATCH))
