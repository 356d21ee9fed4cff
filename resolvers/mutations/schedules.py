"""Mutations that run periodic tasks, for administrators."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from db.queries.schedules import ScheduleRow
from db.services import schedules as schedule_service
from domain.rate_limits import JOB_RETRIES
from domain.user_errors import InvalidInput
from domain.validation import Validator
from resolvers.context import Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import declare_rate_limit, rate_limited

MAX_NAME_LENGTH = 100
# The task that computes what `Admin.analytics` reads.
ANALYTICS = "analytics"


@dataclass(kw_only=True)
class RunScheduleInput:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSchedulePayload(Payload):
    """The requested task."""

    schedule: ScheduleRow | None = None

    @property
    def refreshed_at(self) -> datetime | None:
        return None if self.schedule is None else self.schedule.done_at


@returns_user_errors(RunSchedulePayload)
@rate_limited(JOB_RETRIES)
async def run_schedule(info: Info, input: RunScheduleInput) -> RunSchedulePayload:
    validator = Validator()
    name = validator.line(input.name, MAX_NAME_LENGTH, "name")
    validator.raise_if_invalid()
    run = partial(schedule_service.run_schedule, name=name)
    return RunSchedulePayload(schedule=await info.context.run_transaction(run))


@declare_rate_limit(JOB_RETRIES)
async def refresh_analytics(info: Info) -> RunSchedulePayload:
    context = info.context
    await context.services.rate_limits.acquire(JOB_RETRIES, context.require_viewer().client_id)
    run = partial(schedule_service.run_schedule, name=ANALYTICS, path=None)
    try:
        return RunSchedulePayload(schedule=await context.run_transaction(run))
    except InvalidInput as error:
        return RunSchedulePayload(errors=error.errors)
