"""Assembles and runs a worker: connections, job handlers, scheduled tasks and event handlers."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial

import asyncpg

from common.executors import FILES, run_in
from db.core.database import Database, open_database
from db.notify.listener import open_listener
from domain.enums import JobKind
from domain.jobs import POLICIES
from jobs.analyzed_texts import analyze_text
from jobs.book_texts import analyze_book
from jobs.events import handle_events
from jobs.export_files import ExportFiles
from jobs.exports import write_export
from jobs.periodic import SCHEDULED_TASKS, ScheduledTask, run_scheduler
from jobs.scheduling import fit_parameters, reschedule_cards
from jobs.textbooks.dictionary_generator import DictionaryCache, DictionaryGenerator
from jobs.textbooks.generate_textbook import generate_textbook
from jobs.textbooks.generator import Generator
from jobs.worker import Worker
from server.settings import Settings

# Short outages are retried by the client, which respects Retry-After; longer ones by the job's next attempt.
_MODEL_RETRIES = 4


async def run_worker(settings: Settings, owner_url: str, stopping: asyncio.Event) -> None:
    """Run until `stopping` is set. `owner_url`: connects as the owner of the tables, without a pooler."""
    assert settings.database_url is not None
    async with AsyncExitStack() as stack:
        changes = await stack.enter_async_context(open_listener(settings.listener_database_url))
        database = await stack.enter_async_context(
            open_database(
                settings.database_url,
                min_size=1,
                max_size=settings.db_pool_max,
                timeout=settings.db_pool_timeout_seconds,
                prepared_statements=settings.db_prepared_statements,
            )
        )
        files = ExportFiles(settings.export_directory, settings.export_quota())
        generator = await _build_generator(settings, database, stack)
        worker = Worker(
            database,
            changes,
            work={
                JobKind.GENERATE_TEXTBOOK: partial(generate_textbook, generator=generator),
                JobKind.EXPORT: partial(write_export, files=files),
                JobKind.ANALYZE_BOOK: analyze_book,
                JobKind.ANALYZE_TEXT: analyze_text,
                JobKind.FIT_PARAMETERS: fit_parameters,
                JobKind.RESCHEDULE_CARDS: reschedule_cards,
            },
            policies=POLICIES,
            heartbeat=timedelta(seconds=settings.worker_heartbeat_seconds),
            max_concurrent=settings.worker_concurrency,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(worker.run(owner_url, stopping))
            tasks.create_task(run_scheduler(owner_url, stopping, (*SCHEDULED_TASKS, expired_file_cleanup(files))))
            tasks.create_task(handle_events(owner_url, stopping))


def expired_file_cleanup(files: ExportFiles) -> ScheduledTask:
    async def remove(_: asyncpg.Connection) -> None:
        await run_in(FILES, files.remove_expired)

    return ScheduledTask("expired files", timedelta(hours=1), remove)


async def _build_generator(settings: Settings, database: Database, stack: AsyncExitStack) -> Generator:
    dictionary = DictionaryCache(database)
    if settings.textbook_generator == "dictionary":
        return DictionaryGenerator(dictionary)
    # Imported on use, because it takes half of a worker's import time.
    import openai

    from jobs.textbooks.llm_generator import LlmGenerator, Prices

    assert settings.llm_model is not None
    model = openai.AsyncOpenAI(
        base_url=settings.llm_base_url,
        # The client requires a key, which self-hosted servers do not.
        api_key=settings.llm_api_key.get_secret_value() if settings.llm_api_key else "none",
        timeout=settings.llm_timeout_seconds,
        max_retries=_MODEL_RETRIES,
    )
    client = await stack.enter_async_context(model)
    prices = Prices(settings.llm_prompt_price, settings.llm_completion_price)
    return LlmGenerator(client, settings.llm_model, prices, dictionary)
