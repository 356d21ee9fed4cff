"""Reports of mistakes in the content."""

from datetime import datetime

import strawberry

from db.queries.reports import ReportRow
from domain.enums import ReportedType, ReportReason, ReportState
from resolvers import reports as resolve_reports
from schema import lazy_types as ref
from schema.directives import Cost
from schema.nodes import Node, is_row

_TEXT = Cost(weight="20")


@strawberry.type(description="A report of a mistake in the content. The learner who sent it and editors see it.")
class Report(Node):
    is_type_of = is_row(ReportRow)

    type: ReportedType = strawberry.field(description="What it is about.")
    object_id = strawberry.field(
        resolver=resolve_reports.object_id,
        graphql_type=strawberry.ID,
        description="Global id of the object: of the word of a sentence, and of the book of a page.",
    )
    object = strawberry.field(
        resolver=resolve_reports.reported_object,
        graphql_type=Node | None,
        description="The object; null if it was deleted or is no longer visible.",
    )
    position = strawberry.field(
        resolver=resolve_reports.position,
        graphql_type=int | None,
        description="Position of a sentence among the word's examples, from 0; null for others.",
    )
    page = strawberry.field(
        resolver=resolve_reports.page,
        graphql_type=int | None,
        description="Number of a page of a book; null for others.",
    )
    reason: ReportReason = strawberry.field(description="What is wrong.")
    comment: str | None = strawberry.field(description="The learner's comment.", directives=[_TEXT])
    proposal: str | None = strawberry.field(description="What should be there instead.", directives=[_TEXT])
    state: ReportState = strawberry.field(description="The state.")
    answer: str | None = strawberry.field(description="The editor's answer to the learner.", directives=[_TEXT])
    assignee = strawberry.field(
        resolver=resolve_reports.assignee,
        graphql_type=ref.User | None,
        description="The editor who works on it; visible to editors.",
    )
    version: int = strawberry.field(
        description="Version for optimistic locking; incremented by every change. Pass it as `expectedVersion`."
    )
    created_at: datetime = strawberry.field(description="When it was sent.")
    updated_at: datetime = strawberry.field(description="Time of the last change.")
    resolved_at: datetime | None = strawberry.field(description="When it was accepted or rejected.")
