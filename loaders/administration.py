"""Loaders for administrators."""

from functools import cached_property
from uuid import UUID

from db.queries import administration
from db.queries.administration import AuditEntryRow
from db.queries.revisions import RevisionRow, paged_revisions
from loaders.base import LoaderGroup, OneByKey, PageByKey


class AdministrationLoaders(LoaderGroup):
    @cached_property
    def revisions_by_entity_id(self) -> PageByKey[UUID, RevisionRow]:
        """Row-level security hides all revisions from viewers who are not editors."""
        return self.page(paged_revisions)

    @cached_property
    def audit_entry_by_id(self) -> OneByKey[UUID, AuditEntryRow]:
        """Row-level security hides all entries from viewers who are not administrators."""
        return self.one(administration.audit_entries_by_id)
