"""The mutation that requests the analysis of a long text."""

from dataclasses import dataclass
from functools import partial

from db.services import analyzed_texts as text_service
from db.services.jobs import repeated_job
from domain.analyzed_texts import MAX_TEXT_LENGTH
from domain.enums import JobKind
from domain.jobs import MAX_IDEMPOTENCY_KEY
from domain.rate_limits import TEXT_ANALYSES
from domain.validation import Validator
from resolvers.context import Info
from resolvers.mutations.jobs import JobPayload
from resolvers.mutations.payload_base import returns_user_errors
from resolvers.rate_limits import declare_rate_limit, rate_limited_attempt


@dataclass(kw_only=True)
class RequestTextAnalysisInput:
    text: str
    idempotency_key: str | None = None


@returns_user_errors(JobPayload)
@declare_rate_limit(TEXT_ANALYSES)
async def request_text_analysis(info: Info, input: RequestTextAnalysisInput) -> JobPayload:
    """Raises RateLimited."""
    validator = Validator()
    text = validator.text(input.text, MAX_TEXT_LENGTH, "text")
    key = input.idempotency_key
    if key is not None:
        key = validator.line(key, MAX_IDEMPOTENCY_KEY, "idempotencyKey")
    validator.raise_if_invalid()
    if key is not None:
        find = partial(repeated_job, kind=JobKind.ANALYZE_TEXT, idempotency_key=key)
        found = await info.context.run_transaction(find)
        if found is not None:
            return JobPayload(job=found)
    async with rate_limited_attempt(info.context, TEXT_ANALYSES, key):
        save = partial(text_service.request_analysis, text=text, idempotency_key=key)
        return JobPayload(job=await info.context.run_transaction(save))
