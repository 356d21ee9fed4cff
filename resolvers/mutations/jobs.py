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
from resolvers.mutations.payload_base import Input, Payload, answering
from resolvers.rate_limits import rate_limited


@strawberry.input(description="Input of cancelJob.")
class CancelJobInput:
    id: strawberry.ID = strawberry.field(description="The job.")


@strawberry.input(description="Input of retryJob.")
class RetryJobInput:
    id: strawberry.ID = strawberry.field(description="The job.")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPayload(Payload):
    """The updated job."""

    job: JobRow | None = None


@answering(JobPayload)
@rate_limited(WRITES)
async def cancel_job(info: Info, input: Input[CancelJobInput]) -> JobPayload:
    id = validated_id(JobId, input.id, "id")
    return JobPayload(job=await info.context.run_transaction(partial(job_service.cancel_job, id=id)))


@answering(JobPayload)
@rate_limited(JOB_RETRIES)
async def retry_job(info: Info, input: Input[RetryJobInput]) -> JobPayload:
    id = validated_id(JobId, input.id, "id")
    return JobPayload(job=await info.context.run_transaction(partial(job_service.retry_job, id=id)))
