"""Queries for the revisions of shared content, which are entries of the audit log.

Row-level security shows editors those of books, corrections and public textbooks with their chapters.
"""

from uuid import UUID

from sqlalchemy import select

from db.core.keyset import Ordering
from db.core.pagination import NestedPagedQuery
from db.queries.administration import AuditEntryRow
from db.queries.expressions import row_columns
from db.tables.administration import audit_log


class RevisionRow(AuditEntryRow):
    """A change of an object. `parent_id`: the object."""

    __slots__ = ()
    parent_id: UUID


# Newest first. Parameter: parents.
paged_revisions = NestedPagedQuery(
    select(*row_columns(audit_log, AuditEntryRow)),
    audit_log.c.entity_id,
    Ordering("revisions", (audit_log.c.at, audit_log.c.id), descending=True),
    RevisionRow,
    rls_scoped=True,
)
