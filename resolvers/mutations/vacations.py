"""The mutations that start and end vacations."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from db.queries.jobs import JobRow
from db.queries.vacations import VacationRow
from db.services import vacations as vacation_service
from domain.rate_limits import SETTINGS_CHANGES
from domain.validation import Validator
from resolvers.context import Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited

MAX_KEY_LENGTH = 200


@dataclass(kw_only=True)
class StartVacationInput:
    starts_on: date | None = None
    ends_on: date
    idempotency_key: str | None = None


@dataclass(kw_only=True)
class EndVacationInput:
    undo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StartVacationPayload(Payload):
    """`job`: the job that starts the vacation of a learner with many reviews."""

    vacation: VacationRow | None = None
    job: JobRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndVacationPayload(Payload):
    """`vacation`: what remains of it. `job`: the job that ends the vacation of a learner with many reviews."""

    vacation: VacationRow | None = None
    job: JobRow | None = None


@returns_user_errors(StartVacationPayload)
@rate_limited(SETTINGS_CHANGES)
async def start_vacation(info: Info, input: StartVacationInput) -> StartVacationPayload:
    validator = Validator()
    key = input.idempotency_key
    if key is not None:
        key = validator.line(key, MAX_KEY_LENGTH, "idempotencyKey")
    validator.raise_if_invalid()
    start = partial(
        vacation_service.start_vacation, starts_on=input.starts_on, ends_on=input.ends_on, idempotency_key=key
    )
    vacation, job = await info.context.run_transaction(start)
    return StartVacationPayload(vacation=vacation, job=job)


@returns_user_errors(EndVacationPayload)
@rate_limited(SETTINGS_CHANGES)
async def end_vacation(info: Info, input: EndVacationInput) -> EndVacationPayload:
    vacation, job = await info.context.run_transaction(partial(vacation_service.end_vacation, undo=input.undo))
    return EndVacationPayload(vacation=vacation, job=job)
