"""Mutations of reports: learners send them, editors answer."""

import strawberry

from domain.enums import Role
from resolvers.mutations import reports as resolve_reports
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.reports import Report
from schema.user_errors import UserError

describe_input(
    resolve_reports.ReportContentInput,
    "Input of reportContent.",
    object_id="A word, kanji, chapter or exercise; the word of a sentence, or the book of a page.",
    position="For an example sentence: its position among the examples of the word, from 0 to 2.",
    page="Required for a book: number of the page, from 1.",
    reason="What is wrong.",
    comment="A comment; max 2,000 characters. Required for OTHER.",
    proposal="What should be there instead; max 2,000 characters.",
)
describe_input(
    resolve_reports.AssignReportInput,
    "Input of assignReport.",
    id="The report.",
    expected_version="The version on which the change is based.",
    release="True: return it to the queue instead.",
)
describe_input(
    resolve_reports.ResolveReportInput,
    "Input of resolveReport.",
    id="The report.",
    expected_version="The version on which the change is based.",
    resolution="Whether the report is right.",
    answer="An answer to the learner; max 2,000 characters.",
)


@strawberry.type
class _ReportPayload(ViewerPayload):
    report: Report | None = strawberry.field(description="The report; the current one after a version conflict.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of reportContent.")
class ReportContentPayload(_ReportPayload):
    pass


@strawberry.type(description="Result of assignReport.")
class AssignReportPayload(_ReportPayload):
    pass


@strawberry.type(description="Result of resolveReport.")
class ResolveReportPayload(_ReportPayload):
    pass


@strawberry.type
class ReportMutations:
    report_content = strawberry.mutation(
        resolver=resolve_reports.report_content,
        graphql_type=ReportContentPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Reports a mistake in the content to the editors. Returns ALREADY_EXISTS while the viewer has an open "
            "report about the same object."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    assign_report = strawberry.mutation(
        resolver=resolve_reports.assign_report,
        graphql_type=AssignReportPayload | None,
        extensions=[requires(Role.EDITOR)],
        description=(
            "Assigns a report to the viewer. Returns CONFLICT if `expectedVersion` is not the current version."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    resolve_report = strawberry.mutation(
        resolver=resolve_reports.resolve_report,
        graphql_type=ResolveReportPayload | None,
        extensions=[requires(Role.EDITOR)],
        description=(
            "Accepts or rejects a report, of which the learner is notified. Returns CONFLICT if `expectedVersion` is "
            "not the current version."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
