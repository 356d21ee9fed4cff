"""The mutation that fits parameters."""

from dataclasses import dataclass
from functools import partial

from db.queries.jobs import JobRow
from db.services import scheduling as scheduling_service
from domain.rate_limits import SETTINGS_CHANGES
from domain.validation import Validator
from resolvers.context import Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited

MAX_KEY_LENGTH = 200


@dataclass(kw_only=True)
class OptimizeSchedulingInput:
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizeSchedulingPayload(Payload):
    """`job`: the job that fits the parameters."""

    job: JobRow | None = None


@returns_user_errors(OptimizeSchedulingPayload)
@rate_limited(SETTINGS_CHANGES)
async def optimize_scheduling(info: Info, input: OptimizeSchedulingInput) -> OptimizeSchedulingPayload:
    validator = Validator()
    key = input.idempotency_key
    if key is not None:
        key = validator.line(key, MAX_KEY_LENGTH, "idempotencyKey")
    validator.raise_if_invalid()
    request = partial(scheduling_service.request_fit, idempotency_key=key)
    return OptimizeSchedulingPayload(job=await info.context.run_transaction(request))
