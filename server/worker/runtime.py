"""Assembles and runs a worker: connections, job handlers, scheduled tasks and event handlers."""

import asyncio
import time
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import timedelta
from functools import partial

import asyncpg

from cache.redis.client import RedisClient, open_redis
from common.executors import FILES, run_in
from common.metrics.process import OperatingSystemCollector, ProcessMetrics
from common.storage import Storage
from db.core.database import Database, open_database
from db.core.statement_names import name_statements
from db.notify.listener import open_listener
from domain.enums import JobKind
from domain.jobs import POLICIES
from domain.uploads import UPLOAD_LIFETIME
from jobs.analyzed_texts import analyze_text
from jobs.book_texts import analyze_book
from jobs.cover_files import CoverFiles
from jobs.emails.messages import Composer
from jobs.emails.sender import EmailSender
from jobs.emails.smtp import SmtpServer
from jobs.erasure import erase_accounts
from jobs.events import handle_events
from jobs.export_files import ExportFiles
from jobs.exports import write_export
from jobs.imports import analyze_import, run_import
from jobs.periodic import SCHEDULED_TASKS, ScheduledTask, run_scheduler
from jobs.scheduling import fit_parameters, reschedule_cards
from jobs.textbooks.dictionary_generator import DictionaryCache, DictionaryGenerator
from jobs.textbooks.generate_textbook import MAX_CONCURRENT_CHAPTERS, generate_textbook
from jobs.textbooks.generator import Generator
from jobs.textbooks.paced_generator import PacedGenerator
from jobs.webhooks import WebhookSender
from jobs.worker import Worker
from server.observability.backlog import OutboxSampler
from server.observability.diagnostics import SlowOperations, write_diagnostics
from server.observability.error_groups import count_failure
from server.observability.error_reports import open_error_reports
from server.observability.process_collectors import LogCollector, PoolCollector
from server.observability.tracing.traces import open_traces
from server.settings import Settings

# Short outages are retried by the client, which respects Retry-After; longer ones by the job's next attempt.
_MODEL_RETRIES = 4


async def run_worker(settings: Settings, owner_url: str, stopping: asyncio.Event) -> None:
    """Run until `stopping` is set. `owner_url`: connects as the owner of the tables, without a pooler."""
    assert settings.database_url is not None
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(open_error_reports(settings.sentry_dsn, "worker", settings.environment.value))
        traces = await stack.enter_async_context(open_traces(settings.tracing, "worker"))
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
        await stack.enter_async_context(write_diagnostics(database, SlowOperations()))
        files = ExportFiles(settings.export_storage(), settings.export_quota())
        uploads = settings.upload_storage()
        redis = await stack.enter_async_context(open_redis(settings.redis_url)) if settings.redis_url else None
        cleanups = (
            expired_file_cleanup(files),
            expired_upload_cleanup(uploads),
            unused_cover_cleanup(CoverFiles(settings.cover_storage(), settings.base_url)),
            account_erasure(files, uploads, redis),
        )
        generator = await _build_generator(settings, database, stack)
        await stack.enter_async_context(_record_metrics(settings, database, owner_url))
        worker = Worker(
            database,
            changes,
            work={
                JobKind.GENERATE_TEXTBOOK: partial(generate_textbook, generator=generator),
                JobKind.EXPORT: partial(write_export, files=files),
                JobKind.ANALYZE_BOOK: analyze_book,
                JobKind.ANALYZE_TEXT: analyze_text,
                JobKind.ANALYZE_IMPORT: partial(analyze_import, storage=uploads),
                JobKind.RUN_IMPORT: partial(run_import, storage=uploads),
                JobKind.FIT_PARAMETERS: fit_parameters,
                JobKind.RESCHEDULE_CARDS: reschedule_cards,
            },
            policies=POLICIES,
            heartbeat=timedelta(seconds=settings.worker_heartbeat_seconds),
            max_concurrent=settings.worker_concurrency,
            traces=traces,
            count_failure=count_failure,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(worker.run(owner_url, stopping))
            tasks.create_task(run_scheduler(owner_url, stopping, (*SCHEDULED_TASKS, *cleanups)))
            tasks.create_task(handle_events(owner_url, stopping))
            webhooks = WebhookSender(settings.webhook_private_addresses, traces)
            tasks.create_task(webhooks.run(owner_url, stopping))
            if settings.smtp_url is not None:
                sender = _build_email_sender(settings, settings.smtp_url)
                tasks.create_task(sender.run(owner_url, stopping))


def _record_metrics(settings: Settings, database: Database, owner_url: str) -> AbstractAsyncContextManager[None]:
    """Share the metrics of this process while it runs."""
    name_statements()
    metrics = ProcessMetrics(settings.metrics_dir)
    metrics.add(OperatingSystemCollector(), PoolCollector(database), LogCollector())
    metrics.add_sampler(OutboxSampler(owner_url))
    return metrics.running("worker")


def expired_file_cleanup(files: ExportFiles) -> ScheduledTask:
    async def remove(_: asyncpg.Connection) -> None:
        await run_in(FILES, files.remove_expired)

    return ScheduledTask("expired files", timedelta(hours=1), remove)


def expired_upload_cleanup(uploads: Storage) -> ScheduledTask:
    async def remove(_: asyncpg.Connection) -> None:
        await run_in(FILES, uploads.delete_before, time.time() - UPLOAD_LIFETIME.total_seconds())

    return ScheduledTask("expired uploads", timedelta(hours=1), remove)


def unused_cover_cleanup(covers: CoverFiles) -> ScheduledTask:
    return ScheduledTask("unused covers", timedelta(hours=1), covers.delete_unused)


def account_erasure(files: ExportFiles, uploads: Storage, redis: RedisClient | None) -> ScheduledTask:
    run = partial(erase_accounts, files=files, uploads=uploads, redis=redis)
    return ScheduledTask("account erasure", timedelta(hours=1), run, in_transaction=False)


def _build_email_sender(settings: Settings, smtp_url: str) -> EmailSender:
    assert settings.email_from is not None
    composer = Composer(settings.email_from, settings.app_url, settings.unsubscribe_links())
    return EmailSender(SmtpServer.from_url(smtp_url), composer)


async def _build_generator(settings: Settings, database: Database, stack: AsyncExitStack) -> Generator:
    dictionary = DictionaryCache(database)
    if settings.textbook_generator == "dictionary":
        generator = DictionaryGenerator(dictionary)
        if settings.chapter_seconds:
            return PacedGenerator(generator, settings.chapter_seconds, MAX_CONCURRENT_CHAPTERS)
        return generator
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
