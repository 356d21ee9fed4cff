"""The job that generates a textbook: plans it once, and saves each missing chapter as soon as it is written."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial

import orjson

from db.queries.textbooks import chapter_positions
from db.services import attempts
from db.services.attempts import AttemptSuperseded
from db.services.chapters import save_chapter
from domain.textbooks import ChapterPlan
from jobs.attempts import Attempt
from jobs.textbooks.generator import Generator, TextbookRequest

# Chapters of one textbook that are written concurrently.
MAX_CONCURRENT_CHAPTERS = 4


async def generate_textbook(attempt: Attempt, generator: Generator) -> Mapping[str, object] | None:
    """Raises JobFailed and AttemptSuperseded. Saved chapters are not written again by the next attempt."""
    request = TextbookRequest.from_input(attempt.input)
    plan = await _plan(attempt, generator, request)
    rows = await attempt.reads().rows(chapter_positions, textbook_id=attempt.job.textbook_id)
    existing = {row.position for row in rows}
    missing = [position for position in range(1, len(plan) + 1) if position not in existing]
    await attempt.advance("Writing the chapters.", done=len(existing), of=len(plan))
    room = asyncio.Semaphore(MAX_CONCURRENT_CHAPTERS)

    async def write(position: int) -> None:
        async with room:
            chapter = await generator.write(attempt, request, plan, position)
            await attempt.write(partial(save_chapter, attempt=attempt.job, chapter=chapter, of=len(plan)))

    try:
        async with asyncio.TaskGroup() as tasks:
            for position in missing:
                tasks.create_task(write(position))
    except ExceptionGroup as group:
        # Chapters that fail together fail for the same reason. AttemptSuperseded takes precedence.
        raise min(group.exceptions, key=lambda error: not isinstance(error, AttemptSuperseded)) from group
    return None


async def _plan(attempt: Attempt, generator: Generator, request: TextbookRequest) -> Sequence[ChapterPlan]:
    """The plan, which is made by the first attempt."""
    if attempt.job.plan is not None:
        saved = orjson.loads(attempt.job.plan)
        return [ChapterPlan(each["title"], each["summary"], tuple(each["keywords"])) for each in saved]
    await attempt.advance("Planning the chapters.", done=0, of=request.chapters)
    plan = await generator.plan(attempt, request)
    message = f"Planned {len(plan)} chapters."
    keep = partial(attempts.save_plan, attempt=attempt.job, plan=[asdict(each) for each in plan])
    await attempt.write(partial(keep, message=message, steps=len(plan)))
    return plan
