"""Loaders for administrators."""

from functools import cached_property
from uuid import UUID

from db.queries import administration
from db.queries.administration import AuditEntryRow
from loaders.base import LoaderGroup, OneByKey


class AdministrationLoaders(LoaderGroup):
    @cached_property
    def audit_entry_by_id(self) -> OneByKey[UUID, AuditEntryRow]:
        """Row-level security hides all entries from viewers who are not administrators."""
        return self.one(administration.audit_entries_by_id)
