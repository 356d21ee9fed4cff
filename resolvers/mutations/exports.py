"""The mutations that request exports."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from common.executors import FILES, run_in
from db.services import exports as export_service
from domain.enums import ExportFormat, ExportKind
from domain.errors import ServiceUnavailable
from domain.exports import ExportRequest
from domain.jobs import MAX_IDEMPOTENCY_KEY
from domain.rate_limits import EXPORTS
from domain.user_errors import UserErrorCode, invalid_input
from domain.validation import Validator
from resolvers.context import Info
from resolvers.mutations.jobs import JobPayload
from resolvers.mutations.payload_base import returns_user_errors
from resolvers.rate_limits import rate_limited


@dataclass(kw_only=True)
class RequestExportInput:
    kind: ExportKind
    format: ExportFormat = ExportFormat.CSV
    from_: datetime | None = None
    to: datetime | None = None


@dataclass(kw_only=True)
class RequestDataExportInput:
    idempotency_key: str | None = None


@returns_user_errors(JobPayload)
@rate_limited(EXPORTS)
async def request_export(info: Info, input: RequestExportInput) -> JobPayload:
    """Raises Forbidden."""
    request = ExportRequest.between(input.kind, input.format, input.from_, input.to)
    request.check_allowed(info.context.require_viewer())
    validator = Validator()
    validator.timestamp(input.from_, "from")
    validator.timestamp(input.to, "to")
    if input.from_ is not None and input.to is not None and input.to <= input.from_:
        message = f"to ({input.to.isoformat()}) must be later than from ({input.from_.isoformat()})."
        validator.add_error(UserErrorCode.INVALID, message, "to")
    if input.format is ExportFormat.APKG and input.kind is not ExportKind.CARDS:
        message = f"Packages of Anki have cards and their reviews: kind must be CARDS, not {input.kind.value}."
        validator.add_error(UserErrorCode.INVALID, message, "format")
    validator.raise_if_invalid()
    await _check_space(info)
    save = partial(export_service.request_export, request=request, quota=info.context.services.export_files.quota)
    return JobPayload(job=await info.context.run_transaction(save))


@returns_user_errors(JobPayload)
@rate_limited(EXPORTS)
async def request_data_export(info: Info, input: RequestDataExportInput) -> JobPayload:
    validator = Validator()
    key = input.idempotency_key
    if key is not None:
        key = validator.line(key, MAX_IDEMPOTENCY_KEY, "idempotencyKey")
    validator.raise_if_invalid()
    await _check_space(info)
    quota = info.context.services.export_files.quota
    save = partial(export_service.request_archive, idempotency_key=key, quota=quota)
    return JobPayload(job=await info.context.run_transaction(save))


async def _check_space(info: Info) -> None:
    """Raises InvalidInput if the storage is full, and ServiceUnavailable if it is not reached."""
    try:
        has_space = await run_in(FILES, info.context.services.export_files.storage.has_space)
    except OSError as error:
        raise ServiceUnavailable("Files cannot be stored; please retry later.") from error
    if not has_space:
        message = "The server is out of space for exports; please retry later."
        raise invalid_input(UserErrorCode.LIMIT_REACHED, message)
