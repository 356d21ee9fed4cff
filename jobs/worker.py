"""Takes jobs from the queue, does them, and tells the truth about them."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from db.core.database import Database
from db.core.errors import DATABASE_ERRORS, DatabaseFull, describe, is_outage, log_database_error
from db.core.read_session import ReadSession
from db.notify import job_queue
from db.notify.job_queue import QueueEntry, WorkerLimits
from db.notify.listener import NotificationListener
from db.queries.jobs import AttemptRow, attempt_by_job_id
from db.queries.users import own_role
from db.services import attempts
from db.services.attempts import AttemptSuperseded
from domain.enums import JobKind, Role
from domain.errors import ClientError, ErrorCode, OperationTimeout, ServiceUnavailable
from domain.jobs import JobFailed, JobPolicy, NoRoom
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer
from jobs.attempts import Attempt, Work, request_id_of, write_as
from jobs.wait_any import first_of

log = structlog.get_logger()

# How long after the connection was lost the next one is tried.
_CONNECT_EVERY = timedelta(seconds=1)
_HAND_BACK_SECONDS = 5.0
_CANCEL_AGAIN_SECONDS = 1.0
_INTERNAL = "Something went wrong on our side. It is tried again by itself."


@dataclass(frozen=True, slots=True)
class Worker:
    """`work`: what each kind of job does. A kind that is not in it is left to other workers."""

    database: Database
    changes: NotificationListener
    work: Mapping[JobKind, Work]
    policies: Mapping[JobKind, JobPolicy]
    heartbeat: timedelta
    at_once: int

    async def run(self, queue_url: str, stopping: asyncio.Event) -> None:
        """Until told to stop. An outage of the database is waited out."""
        limits = WorkerLimits(
            {kind: self.policies[kind].max_concurrent for kind in self.work}, self.at_once, self.heartbeat
        )
        while not stopping.is_set():
            try:
                await job_queue.consume(queue_url, limits, self.work_on, stopping)
            except DATABASE_ERRORS as error:
                log_database_error("the queue cannot be reached", error)
                await first_of(stopping, timeout=_CONNECT_EVERY)

    async def work_on(self, kind: JobKind, entry: QueueEntry) -> timedelta | None:
        """One attempt, where it is time for one. Answers when the entry is to come again; None: never."""
        with structlog.contextvars.bound_contextvars(job_id=str(entry.job_id), kind=kind):
            viewer = await self._viewer(entry)
            if viewer is None:
                return None
            policy = self.policies[kind]
            start = partial(attempts.start, entry=entry, policy=policy)
            started = await write_as(self.database, viewer, request_id_of(entry.job_id), start)
            if not isinstance(started, AttemptRow):
                return started
            log.info("job started", attempt=started.attempts)
            return await self._attempt(Attempt(started, viewer, self.database), policy)

    async def _attempt(self, attempt: Attempt, policy: JobPolicy) -> timedelta | None:
        try:
            result = await self._unless_superseded(attempt)
            await attempt.write(partial(attempts.succeed, attempt=attempt.job, result=result))
            log.info("job succeeded")
            return None
        except AttemptSuperseded:
            log.info("job taken away")
            return None
        except asyncio.CancelledError:
            # Told to stop. What cannot be handed back now is taken over when its heartbeats stay away.
            await asyncio.shield(_quietly(attempt.write(partial(attempts.release, attempt=attempt.job))))
            raise
        except JobFailed as failure:
            return await self._failed(attempt, failure, policy)
        except DatabaseFull:
            # What it writes least of, that it failed, has room more often than what it was doing.
            return await self._failed(attempt, NoRoom(), policy)
        except ServiceUnavailable:
            # Neither can its failure be written now: another attempt begins when the entry comes again.
            raise
        except ClientError as error:
            told = JobFailed(ErrorCode(error.code), error.message, retryable=isinstance(error, OperationTimeout))
            return await self._failed(attempt, told, policy)
        except Exception as error:
            if is_outage(error, on_open_connection=True):
                raise
            log.exception("job failed")
            masked = JobFailed(ErrorCode.INTERNAL_SERVER_ERROR, _INTERNAL, retryable=True)
            return await self._failed(attempt, masked, policy)

    async def _failed(self, attempt: Attempt, failure: JobFailed, policy: JobPolicy) -> timedelta | None:
        log.warning("attempt failed", attempt=attempt.job.attempts, code=failure.code, reason=failure.message)
        try:
            return await attempt.write(partial(attempts.fail, attempt=attempt.job, failure=failure, policy=policy))
        except AttemptSuperseded:
            return None

    async def _unless_superseded(self, attempt: Attempt) -> Mapping[str, object] | None:
        """Does the work, and stops at once where its owner cancels it. Raises AttemptSuperseded then."""
        working = asyncio.ensure_future(self.work[JobKind(attempt.job.kind)](attempt))
        watching = asyncio.create_task(self._until_superseded(attempt))
        try:
            await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                watching.result()
                raise AttemptSuperseded
            return working.result()
        finally:
            await _stop(working, watching)

    async def _until_superseded(self, attempt: Attempt) -> None:
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
                    log_database_error("cannot see whether the job was cancelled", error.__cause__ or error)
                await changed.wait()

    async def _viewer(self, entry: QueueEntry) -> Viewer | None:
        """The owner as they are now; None where the account is gone, and nobody waits for the job."""
        viewer = Viewer(entry.user_id, Role.LEARNER)
        row = await ReadSession(self.database, viewer, RequestStatistics()).row(own_role, viewer_id=viewer.id)
        return None if row is None else Viewer(viewer.id, Role(row.role))


async def _stop(*tasks: asyncio.Future[Any]) -> None:
    """Until they ended. One whose connection breaks while it is cancelled sees that error instead, and may go on."""
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=_CANCEL_AGAIN_SECONDS)


async def _quietly(handing_back: Awaitable[None]) -> None:
    """A database that is going down may not even say so."""
    try:
        async with asyncio.timeout(_HAND_BACK_SECONDS):
            await handing_back
    except (AttemptSuperseded, ClientError, *DATABASE_ERRORS) as error:
        log.warning("a job could not be handed back", reason=describe(error.__cause__ or error))
