"""Generates chapters from the dictionary, without a network. The output is deterministic."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial

from common.executors import COMPUTING, run_in
from content.textbook_topics import topic_index
from content.words import Dictionary, read_dictionary
from db.core.database import Database
from db.services.chapters import NewChapter
from domain.enums import JlptLevel
from domain.jobs import JobErrorCode, JobFailed
from domain.textbooks import ChapterPlan, Outline, Reading, Word, assign_words, plan_outline, render_chapter
from domain.textbooks.model import MAX_CONTENT_LENGTH
from jobs.attempts import Attempt
from jobs.textbooks.generator import TextbookRequest

# A new version of the dictionary is noticed after this time.
_TTL_SECONDS = 600.0
# Textbooks that are written concurrently.
_MAX_PLANS = 32

# The words of each chapter.
_Assignment = tuple[tuple[Word, ...], ...]


class DictionaryCache:
    """The words of textbooks, shared by all jobs of a worker."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reading = asyncio.Lock()
        self._read: tuple[float, Dictionary] | None = None
        self._assigned: dict[
            tuple[JlptLevel, tuple[ChapterPlan, ...], bool], asyncio.Future[tuple[tuple[Word, ...], ...]]
        ] = {}

    async def get(self) -> Dictionary:
        async with self._reading:
            if self._read is None or self._read[0] < time.monotonic() - _TTL_SECONDS:
                async with self._database.connection() as connection:
                    self._read = time.monotonic(), await read_dictionary(connection)
                # The assignments may have words that were removed.
                self._assigned.clear()
            return self._read[1]

    async def assign_words(self, level: JlptLevel, plan: Sequence[ChapterPlan], *, main_meanings: bool) -> _Assignment:
        """The words of each chapter of a plan. See `domain.textbooks.assign_words`."""
        key = level, tuple(plan), main_meanings
        assigned = self._assigned.get(key)
        # A failed assignment, as by an outage of the database, is retried.
        if assigned is None or (assigned.done() and assigned.exception() is not None):
            assigned = self._assigned[key] = asyncio.ensure_future(self._assign(level, plan, main_meanings))
            if len(self._assigned) > _MAX_PLANS:
                del self._assigned[next(iter(self._assigned))]
        # Chapters of a textbook share the task: cancelling one must not cancel it.
        return await asyncio.shield(assigned)

    async def _assign(self, level: JlptLevel, plan: Sequence[ChapterPlan], main_meanings: bool) -> _Assignment:
        words = (await self.get()).of_level(level)
        # A long plan takes a second, which would delay the worker's heartbeats.
        return await run_in(COMPUTING, partial(assign_words, plan, words, main_meanings=main_meanings))


class DictionaryGenerator:
    """Generates chapters from words, kanji and example sentences of the dictionary."""

    def __init__(self, dictionary: DictionaryCache) -> None:
        self._dictionary = dictionary

    async def plan(self, attempt: Attempt, request: TextbookRequest) -> Outline:
        related = {}
        for name in request.topics:
            topic = topic_index().find(name)
            # A job that an older version enqueued may have another topic.
            related[" ".join(name.split()).lower()] = topic.keywords if topic else ()
        words = (await self._dictionary.get()).of_level(request.level)
        outline = await run_in(COMPUTING, plan_outline, request.topics, request.chapters, related, words)
        if not outline.chapters:
            message = f"Level {request.level} has no words about {', '.join(request.topics)}."
            raise JobFailed(JobErrorCode.NO_WORDS, message, retryable=False)
        return outline

    async def write(
        self, attempt: Attempt, request: TextbookRequest, plan: Sequence[ChapterPlan], position: int
    ) -> NewChapter:
        words = await self._dictionary.assign_words(request.level, plan, main_meanings=True)
        return await build_chapter(self._dictionary, plan[position - 1], words[position - 1], position)


async def build_chapter(
    dictionary: DictionaryCache, plan: ChapterPlan, words: Sequence[Word], position: int, reading: Reading | None = None
) -> NewChapter:
    rendered = await run_in(COMPUTING, render_chapter, plan, words, reading)
    if len(rendered.content) > MAX_CONTENT_LENGTH:
        message = f"Chapter {position} has {len(rendered.content)} characters; the maximum is {MAX_CONTENT_LENGTH}."
        raise JobFailed(JobErrorCode.CHAPTER_TOO_LONG, message, retryable=True)
    ids = (await dictionary.get()).ids
    vocabulary_ids = [ids[word] for word in words]
    return NewChapter(position, plan.title, plan.summary, rendered.content, vocabulary_ids, rendered.exercises)
