"""Reports of mistakes by learners. Row-level security: user-owned; editors read and answer those of all."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, Text, func, literal_column
from sqlalchemy.dialects.postgresql import UUID

from db.tables.base import Timestamp, enum_column, id_column, metadata, reference, timestamps, version
from domain.enums import ReportedType, ReportReason, ReportState
from domain.reports import MAX_ANSWER, MAX_COMMENT, MAX_PROPOSAL


def _text(name: str, longest: int) -> Column[object]:
    return Column(name, Text, CheckConstraint(f"length({name}) <= {longest}", name=f"{name}_length"))


reports = Table(
    "reports",
    metadata,
    id_column(),
    reference("user_id", "users.id"),
    enum_column("type", ReportedType),
    # No foreign key: a report outlives its object.
    Column("object_id", UUID, nullable=False),
    # The position of an example sentence, or the number of a page.
    Column("place", Integer),
    enum_column("reason", ReportReason),
    _text("comment", MAX_COMMENT),
    _text("proposal", MAX_PROPOSAL),
    enum_column("state", ReportState),
    reference("assignee_id", "users.id", nullable=True),
    _text("answer", MAX_ANSWER),
    version(),
    Column("resolved_at", Timestamp),
    *timestamps(),
    CheckConstraint("(type in ('SENTENCE', 'BOOK_PAGE')) = (place IS NOT NULL)", name="place"),
    CheckConstraint("(resolved_at IS NULL) = (state in ('OPEN', 'ASSIGNED'))", name="resolved"),
    Index(None, "user_id", "id"),
    Index(None, "state", "id"),
    Index(None, "object_id"),
    Index(None, "assignee_id"),
)
# A learner has one open report about an object.
Index(
    "uq_reports_open",
    reports.c.user_id,
    reports.c.type,
    reports.c.object_id,
    func.coalesce(reports.c.place, literal_column("'-1'::integer")),
    unique=True,
    postgresql_where=reports.c.resolved_at.is_(None),
)
