"""The job worker: consumes jobs from the queue, runs them, and records their results."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from common.error_descriptions import describe_error
from common.metrics.instruments import Histogram
from common.tracing.collector import Attributes, TraceCollector
from common.tracing.span_types import JOB
from common.tracing.trace import Trace
from db.core.database import Database
from db.core.errors import DATABASE_ERRORS, DatabaseFull, is_outage, log_database_error
from db.core.read_session import ReadSession
from db.notify import job_queue
from db.notify.job_entries import QueueEntry
from db.notify.job_queue import WorkerLimits
from db.notify.listener import NotificationListener
from db.queries.jobs import AttemptRow, attempt_by_job_id, owner_of_job
from db.services import attempts
from db.services.attempts import AttemptSuperseded
from domain.enums import JobKind, Role
from domain.errors import ClientError, ErrorCode, OperationTimeout, ServiceUnavailable
from domain.jobs import JobFailed, JobPolicy, OutOfSpace
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer
from jobs.attempts import Attempt, Work, job_request_id, run_transaction_as
from jobs.wait_any import wait_any

log = structlog.get_logger()

_JOB_SECONDS = Histogram(
    "shinjp_job_duration_seconds",
    "Duration of attempts at jobs, by outcome.",
    ("kind", "outcome"),
    (0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600),
    known=[(kind.value, outcome) for kind in JobKind for outcome in ("succeeded", "failed")],
)

# Delay after a lost connection.
_RECONNECT_DELAY = timedelta(seconds=1)
_RELEASE_TIMEOUT_SECONDS = 5.0
_CANCEL_INTERVAL_SECONDS = 1.0
_INTERNAL = "An internal error occurred. The job will be retried."


@dataclass(frozen=True, slots=True)
class Worker:
    """`work`: the handlers by kind. Kinds without a handler are left to other workers.

    `count_failure`: called with the code and exception of failed attempts, the kind of the job, and its request id.
    """

    database: Database
    changes: NotificationListener
    work: Mapping[JobKind, Work]
    policies: Mapping[JobKind, JobPolicy]
    heartbeat: timedelta
    max_concurrent: int
    traces: TraceCollector = field(default_factory=TraceCollector)
    count_failure: Callable[[str, BaseException, str, str], None] = lambda *_: None

    async def run(self, queue_url: str, stopping: asyncio.Event) -> None:
        """Run jobs until `stopping` is set. Waits during outages of the database."""
        limits = WorkerLimits(
            {kind: self.policies[kind].max_concurrent for kind in self.work}, self.max_concurrent, self.heartbeat
        )
        while not stopping.is_set():
            try:
                await job_queue.consume(queue_url, limits, self.handle_entry, stopping)
            except DATABASE_ERRORS as error:
                log_database_error("queue connection lost", error)
                await wait_any(stopping, timeout=_RECONNECT_DELAY)

    async def handle_entry(self, kind: JobKind, entry: QueueEntry) -> timedelta | None:
        """Run an attempt, if one can start now. Returns the delay after which the queue entry is retried, or None."""
        # The queue calls this in a task of its own.
        trace = self.traces.start(cause=entry.cause)
        with structlog.contextvars.bound_contextvars(job_id=str(entry.job_id), kind=kind):
            viewer = await self._viewer(entry)
            if viewer is None:
                return None
            policy = self.policies[kind]
            start = partial(attempts.start, entry=entry, policy=policy)
            started = await run_transaction_as(self.database, viewer, job_request_id(entry.job_id), start)
            if not isinstance(started, AttemptRow):
                return started
            self.changes.on_commit()
            log.info("job started", attempt=started.attempts)
            started_at, outcome = time.perf_counter(), "interrupted"
            try:
                outcome, delay = await self._attempt(
                    Attempt(started, viewer, self.database, self.changes.on_commit), policy
                )
                return delay
            finally:
                ended_at = time.perf_counter()
                _JOB_SECONDS[kind.value, outcome].observe(ended_at - started_at)
                self._end_trace(trace, entry, started, outcome, ended_at)

    def _end_trace(self, trace: Trace, entry: QueueEntry, attempt: AttemptRow, outcome: str, ended_at: float) -> None:
        error = outcome if outcome in ("failed", "interrupted") else None
        # Jobs are not expected to be fast.
        if self.traces.keeps(trace, ended_at - trace.started_at, failed=error is not None, may_be_slow=False):
            attributes: Attributes = {
                "messaging.destination.name": attempt.kind,
                "messaging.message.id": str(entry.job_id),
                "shinjp.job.attempt": attempt.attempts,
                "shinjp.job.outcome": outcome,
            }
            links = () if entry.cause is None else (entry.cause,)
            name = f"job {attempt.kind}"
            self.traces.end(trace, JOB, name, ended_at, attributes, error=error, links=links, may_be_slow=False)

    async def _attempt(self, attempt: Attempt, policy: JobPolicy) -> tuple[str, timedelta | None]:
        """Returns the outcome for metrics, and the delay of the next attempt."""
        try:
            result = await self._run_unless_superseded(attempt)
            await attempt.write(partial(attempts.succeed, attempt=attempt.job, result=result))
            log.info("job succeeded")
            return "succeeded", None
        except AttemptSuperseded:
            log.info("job superseded")
            return "superseded", None
        except asyncio.CancelledError:
            # The worker stops. A job that cannot be released is requeued after its heartbeat timeout.
            await asyncio.shield(_suppress_outages(attempt.write(partial(attempts.release, attempt=attempt.job))))
            raise
        except JobFailed as failure:
            return "failed", await self._record_failure(attempt, failure, policy)
        except DatabaseFull:
            # Recording the failure needs less space than the job.
            return "failed", await self._record_failure(attempt, OutOfSpace(), policy)
        except ServiceUnavailable:
            # The failure cannot be recorded either: another attempt starts when the entry is retried.
            raise
        except ClientError as error:
            shown = JobFailed(ErrorCode(error.code), error.message, retryable=isinstance(error, OperationTimeout))
            return "failed", await self._record_failure(attempt, shown, policy, error)
        except Exception as error:
            if is_outage(error, on_open_connection=True):
                raise
            log.exception("job failed")
            masked = JobFailed(ErrorCode.INTERNAL_SERVER_ERROR, _INTERNAL, retryable=True)
            return "failed", await self._record_failure(attempt, masked, policy, error)

    async def _record_failure(
        self, attempt: Attempt, failure: JobFailed, policy: JobPolicy, cause: Exception | None = None
    ) -> timedelta | None:
        kind, request_id = str(attempt.job.kind), job_request_id(attempt.job.id)
        self.count_failure(str(failure.code), failure if cause is None else cause, kind, request_id)
        log.warning(
            "attempt failed",
            attempt=attempt.job.attempts,
            code=failure.code,
            reason=describe_error(failure if cause is None else cause),
        )
        try:
            return await attempt.write(partial(attempts.fail, attempt=attempt.job, failure=failure, policy=policy))
        except AttemptSuperseded:
            return None

    async def _run_unless_superseded(self, attempt: Attempt) -> Mapping[str, object] | None:
        """Run the handler. Raises AttemptSuperseded as soon as the owner cancels the job."""
        working = asyncio.ensure_future(self.work[JobKind(attempt.job.kind)](attempt))
        watching = asyncio.create_task(self._watch_superseded(attempt))
        try:
            await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                watching.result()
                raise AttemptSuperseded
            return working.result()
        finally:
            await _cancel_and_wait(working, watching)

    async def _watch_superseded(self, attempt: Attempt) -> None:
        with self.changes.subscribe("job_events", attempt.job.id) as changed:
            while True:
                changed.clear()
                try:
                    job = await attempt.reads().row(
                        attempt_by_job_id, job_id=attempt.job.id, viewer_id=attempt.viewer.id
                    )
                    if job is None or job.attempt_id != attempt.job.attempt_id:
                        return
                except (*DATABASE_ERRORS, ServiceUnavailable) as error:
                    log_database_error("cancellation check failed", error.__cause__ or error)
                await changed.wait()

    async def _viewer(self, entry: QueueEntry) -> Viewer | None:
        """The owner with the current role; None if the account was erased, or deleted after the job was requested."""
        viewer = Viewer(entry.user_id, Role.LEARNER)
        session = ReadSession(self.database, viewer, RequestStatistics())
        row = await session.row(owner_of_job, viewer_id=viewer.id, job_id=entry.job_id)
        return None if row is None else Viewer(viewer.id, Role(row.role))


async def _cancel_and_wait(*tasks: asyncio.Future[Any]) -> None:
    """Cancel tasks repeatedly until they are done: a lost connection can replace the cancellation by its error."""
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=_CANCEL_INTERVAL_SECONDS)


async def _suppress_outages(releasing: Awaitable[None]) -> None:
    """Release a job, ignoring errors of a database that shuts down."""
    try:
        async with asyncio.timeout(_RELEASE_TIMEOUT_SECONDS):
            await releasing
    except (AttemptSuperseded, ClientError, *DATABASE_ERRORS) as error:
        log.warning("job not released", reason=describe_error(error.__cause__ or error))
