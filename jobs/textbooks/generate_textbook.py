"""The job that generates a textbook: plans it once, and saves each missing chapter as soon as it is written."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import orjson

from db.queries.textbooks import chapter_positions
from db.services import attempts
from db.services.attempts import AttemptSuperseded
from db.services.chapters import save_chapter
from domain.textbooks import ChapterPlan, Outline, PlanWarning
from jobs.attempts import Attempt
from jobs.textbooks.generator import Generator, TextbookRequest

# Chapters of one textbook that are written concurrently.
MAX_CONCURRENT_CHAPTERS = 4


async def generate_textbook(attempt: Attempt, generator: Generator) -> Mapping[str, object] | None:
    """Raises JobFailed and AttemptSuperseded. Saved chapters are not written again by the next attempt."""
    request = TextbookRequest.from_input(attempt.input)
    outline = await _plan(attempt, generator, request)
    plan = outline.chapters
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
    return {"warnings": [asdict(warning) for warning in outline.warnings]}


async def _plan(attempt: Attempt, generator: Generator, request: TextbookRequest) -> Outline:
    """The plan, which is made by the first attempt."""
    if attempt.job.plan is not None:
        return _saved_plan(orjson.loads(attempt.job.plan))
    await attempt.advance("Planning the chapters.", done=0, of=request.chapters)
    outline = await generator.plan(attempt, request)
    count = len(outline.chapters)
    message = f"Planned {count} {'chapter' if count == 1 else 'chapters'}."
    keep = partial(attempts.save_plan, attempt=attempt.job, plan=asdict(outline))
    await attempt.write(partial(keep, message=message, steps=count))
    return outline


def _saved_plan(saved: Any) -> Outline:
    # Former versions saved the chapters alone.
    chapters, warnings = (saved, []) if isinstance(saved, list) else (saved["chapters"], saved["warnings"])
    return Outline(
        tuple(ChapterPlan(each["title"], each["summary"], tuple(each["keywords"])) for each in chapters),
        tuple(PlanWarning(each["code"], each["message"]) for each in warnings),
    )
