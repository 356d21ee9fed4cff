"""The generator that needs no network: chapters from the dictionary, its kanji and its example sentences.

The same dictionary and the same request make the same textbook, byte for byte.
"""

import asyncio
import time
from collections.abc import Sequence

from common.executors import COMPUTING, run_in
from content.catalogue import keywords_by_topic, load_textbook_plans
from content.words import Dictionary, read_dictionary
from db.core.database import Database
from db.queries.search import paged_search_results, search_values
from db.queries.vocabulary import VocabularyListShape
from db.services.chapters import NewChapter
from domain.enums import JlptLevel
from domain.jobs import JobErrorCode, JobFailed
from domain.pages import page_arguments
from domain.textbooks import ChapterPlan, Reading, Word, choose_words, plan_chapters, render_chapter
from domain.textbooks.model import MAX_CONTENT_LENGTH
from jobs.attempts import Attempt
from jobs.textbooks.generator import TextbookRequest

# A dictionary that was loaded anew is noticed after this time.
_KEPT_SECONDS = 600.0
# Those of the textbooks that are written at the same time.
_PLANS_KEPT = 32
# How many words of a search say what a topic is about.
_FOUND_FOR_A_TOPIC = 20


class Library:
    """The words that textbooks are made of. Read once in a while and shared by all jobs of a worker."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reading = asyncio.Lock()
        self._read: tuple[float, Dictionary] | None = None
        self._chosen: dict[tuple[JlptLevel, tuple[ChapterPlan, ...]], asyncio.Future[tuple[tuple[Word, ...], ...]]] = {}

    async def dictionary(self) -> Dictionary:
        async with self._reading:
            if self._read is None or self._read[0] < time.monotonic() - _KEPT_SECONDS:
                async with self._database.connection() as connection:
                    self._read = time.monotonic(), await read_dictionary(connection)
                # They may have words that are not there any more.
                self._chosen.clear()
            return self._read[1]

    async def words_of_chapters(self, level: JlptLevel, plan: Sequence[ChapterPlan]) -> tuple[tuple[Word, ...], ...]:
        """The words of each chapter. The same plan has the same words."""
        key = level, tuple(plan)
        chosen = self._chosen.get(key)
        # What failed, as when the database was away, is tried anew.
        if chosen is None or (chosen.done() and chosen.exception() is not None):
            chosen = self._chosen[key] = asyncio.ensure_future(self._choose(level, plan))
            if len(self._chosen) > _PLANS_KEPT:
                del self._chosen[next(iter(self._chosen))]
        # Chapters of a textbook wait for the same: one of them that is cancelled takes it from none.
        return await asyncio.shield(chosen)

    async def _choose(self, level: JlptLevel, plan: Sequence[ChapterPlan]) -> tuple[tuple[Word, ...], ...]:
        words = (await self.dictionary()).of_level(level)
        # A long plan takes a second, which must not hold up the worker's heartbeats.
        return await run_in(COMPUTING, choose_words, plan, words)


class LibraryGenerator:
    """Chapters that are put together from what is known to be right."""

    def __init__(self, library: Library) -> None:
        self._library = library

    async def plan(self, attempt: Attempt, request: TextbookRequest) -> Sequence[ChapterPlan]:
        related = keywords_by_topic(load_textbook_plans())
        for topic in request.topics:
            name = " ".join(topic.split()).lower()
            related[name] = (*related.get(name, ()), *await _meanings_found(attempt, topic, request.level))
        return plan_chapters(request.topics, request.chapters, related)

    async def write(
        self, attempt: Attempt, request: TextbookRequest, plan: Sequence[ChapterPlan], position: int
    ) -> NewChapter:
        words = await self._library.words_of_chapters(request.level, plan)
        return await compose_chapter(self._library, plan[position - 1], words[position - 1], position)


async def compose_chapter(
    library: Library, plan: ChapterPlan, words: Sequence[Word], position: int, reading: Reading | None = None
) -> NewChapter:
    content = await run_in(COMPUTING, render_chapter, plan, words, reading)
    if len(content) > MAX_CONTENT_LENGTH:
        message = f"Chapter {position} has {len(content)} characters; {MAX_CONTENT_LENGTH} are allowed."
        raise JobFailed(JobErrorCode.CHAPTER_TOO_LONG, message, retryable=True)
    ids = (await library.dictionary()).ids
    return NewChapter(position, plan.title, plan.summary, content, [ids[word] for word in words])


async def _meanings_found(attempt: Attempt, topic: str, level: JlptLevel) -> list[str]:
    """What a search for the topic finds: so it can be in Japanese, in romaji, or have a typo."""
    page = await attempt.reads().page(
        paged_search_results(VocabularyListShape(levels=True)),
        page_arguments(_FOUND_FOR_A_TOPIC),
        levels=[level.value],
        **search_values(topic),
    )
    return [row.meanings[0] for row in page.rows if row.meanings]
