"""Queries for reports. Row-level security shows learners their own, and editors all of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, select
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, row_columns
from db.tables.reports import reports
from domain.enums import ReportedType, ReportReason, ReportState
from domain.ids import ReportId, UserId, parse_global_id


class ReportRow(Row):
    """A report. `place`: the position of a sentence, or the number of a page."""

    __slots__ = ()
    id: ReportId
    type: ReportedType
    object_id: UUID
    place: int | None
    reason: ReportReason
    comment: str | None
    proposal: str | None
    state: ReportState
    assignee_id: UserId | None
    answer: str | None
    version: int
    resolved_at: datetime | None
    created_at: datetime
    updated_at: datetime


_reports = select(*row_columns(reports, ReportRow))

reports_by_id = Query(_reports.where(any_of(reports.c.id, IDS)), ReportRow, rls_scoped=True)

own_reports = PagedQuery(
    _reports.where(reports.c.user_id == VIEWER_ID),
    Ordering("reports.own", (reports.c.id,), descending=True),
    ReportRow,
    rls_scoped=True,
)


@dataclass
class ReportFilter(ListFilter):
    """Filters of the queue of reports."""

    state: ReportState | None = filter_field(
        Filter("Filter by state.", lambda reports, state: reports.c.state == state, Text, lambda _, state: state.value)
    )
    type: ReportedType | None = filter_field(
        Filter(
            "Filter by what is reported.",
            lambda reports, type: reports.c.type == type,
            Text,
            lambda _, type: type.value,
        )
    )
    object_id: str | None = filter_field(
        Filter(
            "Filter by the global id of the object.",
            lambda reports, id: reports.c.object_id == id,
            UuidType,
            lambda _, id: parse_global_id(id)[1],
        )
    )
    assigned_to_me: bool | None = filter_field(
        Filter(
            "True: reports that are assigned to the viewer. False: others.",
            lambda reports, own: (
                reports.c.assignee_id == VIEWER_ID if own else reports.c.assignee_id.is_distinct_from(VIEWER_ID)
            ),
            needs_viewer=lambda _: True,
        )
    )


@cache_by_variant
def paged_reports(filter: ReportFilter) -> PagedQuery[ReportRow]:
    """All reports, oldest first, for editors. Parameters: those of the filter, and viewer_id."""
    return PagedQuery(filter.apply(_reports, reports), Ordering("reports", (reports.c.id,)), ReportRow, rls_scoped=True)
