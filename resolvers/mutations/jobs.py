"""Mutations of jobs."""

from dataclasses import dataclass
from functools import partial

import strawberry

from db.queries.jobs import JobRow
from db.services import jobs as job_service
from domain.ids import JobId
from domain.rate_limits import JOB_RETRIES, WRITES
from domain.validation import validated_id
from resolvers.context import Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited


@dataclass(kw_only=True)
class CancelJobInput:
    id: strawberry.ID


@dataclass(kw_only=True)
class RetryJobInput:
    id: strawberry.ID


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPayload(Payload):
    """The updated job."""

    job: JobRow | None = None


@returns_user_errors(JobPayload)
@rate_limited(WRITES)
async def cancel_job(info: Info, input: CancelJobInput) -> JobPayload:
    id = validated_id(JobId, input.id, "id")
    return JobPayload(job=await info.context.run_transaction(partial(job_service.cancel_job, id=id)))


@returns_user_errors(JobPayload)
@rate_limited(JOB_RETRIES)
async def retry_job(info: Info, input: RetryJobInput) -> JobPayload:
    id = validated_id(JobId, input.id, "id")
    return JobPayload(job=await info.context.run_transaction(partial(job_service.retry_job, id=id)))
