"""Mutations of jobs."""

from dataclasses import dataclass
from functools import partial

import strawberry

from db.queries.jobs import JobRow
from db.services import jobs as job_service
from db.services import managed_jobs as managed_job_service
from domain.enums import JobKind
from domain.ids import JobId
from domain.list_sizes import MAX_RETRIED_JOBS
from domain.rate_limits import JOB_RETRIES, WRITES
from domain.validation import Validator, validated_id
from resolvers.context import Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited


@dataclass(kw_only=True)
class CancelJobInput:
    id: strawberry.ID


@dataclass(kw_only=True)
class RetryJobInput:
    id: strawberry.ID


@dataclass(kw_only=True)
class RetryFailedJobsInput:
    kind: JobKind
    first: int = MAX_RETRIED_JOBS


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryFailedJobsPayload(Payload):
    """`retried_count`: fewer than requested if there were no more."""

    retried_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPayload(Payload):
    """The updated job."""

    job: JobRow | None = None


@returns_user_errors(JobPayload, current="job")
@rate_limited(WRITES)
async def cancel_job(info: Info, input: CancelJobInput) -> JobPayload:
    id = validated_id(JobId, input.id, "id")
    service = managed_job_service if info.context.require_viewer().is_admin else job_service
    return JobPayload(job=await info.context.run_transaction(partial(service.cancel_job, id=id)))


@returns_user_errors(JobPayload, current="job")
@rate_limited(JOB_RETRIES)
async def retry_job(info: Info, input: RetryJobInput) -> JobPayload:
    id = validated_id(JobId, input.id, "id")
    service = managed_job_service if info.context.require_viewer().is_admin else job_service
    return JobPayload(job=await info.context.run_transaction(partial(service.retry_job, id=id)))


@returns_user_errors(RetryFailedJobsPayload)
@rate_limited(JOB_RETRIES)
async def retry_failed_jobs(info: Info, input: RetryFailedJobsInput) -> RetryFailedJobsPayload:
    validator = Validator()
    validator.number(input.first, 1, MAX_RETRIED_JOBS, "first")
    validator.raise_if_invalid()
    retry = partial(managed_job_service.retry_failed_jobs, kind=input.kind, limit=input.first)
    return RetryFailedJobsPayload(retried_count=await info.context.run_transaction(retry))
