"""Loaders for administrators."""

from collections.abc import Sequence
from functools import cached_property
from uuid import UUID

from db.commands.administration import insert_audit_look
from db.queries import administration
from db.queries.administration import AuditEntryRow
from db.queries.revisions import RevisionRow, paged_revisions
from domain.ids import new_id
from loaders.base import Loader, LoaderGroup, PageByKey


class AuditEntryById(Loader[UUID, AuditEntryRow | None]):
    """Row-level security shows editors entries about shared content. A look of an administrator is an audit entry."""

    async def load_keys(self, keys: Sequence[UUID]) -> list[AuditEntryRow | None]:
        viewer = self.reads.viewer
        if viewer is not None and viewer.is_admin:
            await self.reads.log_access(insert_audit_look, id=new_id())
        rows = {row.id: row for row in await self.reads.rows(administration.audit_entries_by_id, ids=keys)}
        return [rows.get(id) for id in keys]


class AdministrationLoaders(LoaderGroup):
    @cached_property
    def revisions_by_entity_id(self) -> PageByKey[UUID, RevisionRow]:
        """Row-level security hides all revisions from viewers who are not editors."""
        return self.page(paged_revisions)

    @cached_property
    def audit_entry_by_id(self) -> AuditEntryById:
        return AuditEntryById(self.reads, self._running)
