"""Statements that insert and answer reports."""

from sqlalchemy import Integer, Text, bindparam, insert, literal_column, select, update
from sqlalchemy.dialects.postgresql import UUID

from db.core.statement import Command
from db.queries.expressions import NOW, VIEWER_ID, row_columns
from db.queries.reports import ReportRow
from db.tables.base import Timestamp
from db.tables.reports import reports
from domain.enums import ReportState

_columns = row_columns(reports, ReportRow)
_ID = bindparam("report_id", type_=UUID)
_KEY = {
    "type": bindparam("type", type_=Text),
    "object_id": bindparam("object_id", type_=UUID),
    "place": bindparam("place", type_=Integer),
}

# The viewer's open report about an object. Parameters: type, object_id, place.
open_report = Command(
    select(*_columns).where(
        reports.c.user_id == VIEWER_ID,
        reports.c.resolved_at.is_(None),
        *(reports.c[name].is_not_distinct_from(value) for name, value in _KEY.items()),
    ),
    ReportRow,
)

# Parameters: report_id, type, object_id, place, reason, comment, proposal.
insert_report = Command(
    insert(reports)
    .values(
        id=_ID,
        user_id=VIEWER_ID,
        state=literal_column(f"'{ReportState.OPEN}'"),
        created_at=NOW,
        updated_at=NOW,
        **_KEY,
        **{name: bindparam(name, type_=Text) for name in ("reason", "comment", "proposal")},
    )
    .returning(*_columns),
    ReportRow,
)

# Parameter: report_id.
lock_report = Command(select(*_columns).where(reports.c.id == _ID).with_for_update(), ReportRow)

# Parameters: report_id, state, assignee_id, answer, resolved_at.
update_report = Command(
    update(reports)
    .values(
        state=bindparam("state", type_=Text),
        assignee_id=bindparam("assignee_id", type_=UUID),
        answer=bindparam("answer", type_=Text),
        resolved_at=bindparam("resolved_at", type_=Timestamp),
        version=reports.c.version + 1,
        updated_at=NOW,
    )
    .where(reports.c.id == _ID)
    .returning(*_columns),
    ReportRow,
)
