"""Textbooks that people can watch being generated."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from db.services.chapters import NewChapter
from domain.textbooks import ChapterPlan, Outline
from jobs.attempts import Attempt
from jobs.textbooks.generator import TextbookRequest
from jobs.textbooks.paced_generator import PacedGenerator
from server.settings import Settings

SECONDS = 0.02
NOTHING: Any = None


class ImmediateGenerator:
    async def plan(self, attempt: Attempt, request: TextbookRequest) -> Outline:
        return Outline((), ())

    async def write(
        self, attempt: Attempt, request: TextbookRequest, plan: Sequence[ChapterPlan], position: int
    ) -> NewChapter:
        return NewChapter(position, "", "", "", [], cast("Any", ()))


async def test_chapters_are_finished_one_after_the_other() -> None:
    generator = PacedGenerator(ImmediateGenerator(), SECONDS, concurrent=3)
    loop = asyncio.get_running_loop()
    started_at, room, finished = loop.time(), asyncio.Semaphore(3), []

    async def write(position: int) -> None:
        async with room:
            await generator.write(NOTHING, NOTHING, (), position)
            finished.append(loop.time() - started_at)

    await asyncio.gather(*map(write, range(1, 7)))
    for number, seconds in enumerate(sorted(finished), start=1):
        # Timers may be early by their resolution.
        assert seconds >= number * SECONDS * 0.9


def test_only_development_waits_by_default() -> None:
    production: dict[str, Any] = {"environment": "production", "database_url": "postgresql://x", "jwt_secret": "x" * 32}
    assert Settings.load(textbook_chapter_seconds=None).chapter_seconds == 1
    assert Settings.load(**production, textbook_chapter_seconds=None).chapter_seconds == 0
    assert Settings.load(textbook_chapter_seconds=0).chapter_seconds == 0
