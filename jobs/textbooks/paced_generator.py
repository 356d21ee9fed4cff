"""Slows down the generation of textbooks, so that people can watch it in the demo."""

import asyncio
from collections.abc import Sequence

from db.services.chapters import NewChapter
from domain.textbooks import ChapterPlan, Outline
from jobs.attempts import Attempt
from jobs.textbooks.generator import Generator, TextbookRequest


class PacedGenerator:
    """Writes chapters by another generator, one each `seconds` if `concurrent` ones are written at a time."""

    def __init__(self, generator: Generator, seconds: float, concurrent: int) -> None:
        self._generator = generator
        self._seconds = seconds
        self._concurrent = concurrent

    async def plan(self, attempt: Attempt, request: TextbookRequest) -> Outline:
        return await self._generator.plan(attempt, request)

    async def write(
        self, attempt: Attempt, request: TextbookRequest, plan: Sequence[ChapterPlan], position: int
    ) -> NewChapter:
        chapter = await self._generator.write(attempt, request, plan, position)
        # The first ones start together.
        await asyncio.sleep(self._seconds * min(position, self._concurrent))
        return chapter
