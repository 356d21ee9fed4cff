"""The mutation that requests the analysis of a long text."""

import strawberry

from domain.enums import Role
from resolvers.mutations import analyzed_texts as resolve_analyzed_texts
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.jobs import Job
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

describe_input(
    resolve_analyzed_texts.RequestTextAnalysisInput,
    "Input of requestTextAnalysis.",
    text="The text; 1 to 200,000 characters. Whitespace at its start and end is removed.",
    idempotency_key=(
        "Idempotency key; 1 to 100 characters. A second request with the same key returns the job of the first."
    ),
)


@strawberry.type(description="Result of requestTextAnalysis.")
class RequestTextAnalysisPayload(ViewerPayload):
    job: Job | None = strawberry.field(description="The job. Its result is the analysed text.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class AnalyzedTextMutations:
    request_text_analysis = strawberry.mutation(
        resolver=resolve_analyzed_texts.request_text_analysis,
        graphql_type=RequestTextAnalysisPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Analyses text that is too long for `analyzeText` by a job. The 20 newest texts of a learner are stored, "
            "for a week."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="1000")],
    )
