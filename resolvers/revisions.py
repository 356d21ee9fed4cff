"""Resolvers of revisions of shared content."""

import strawberry

from db.queries.revisions import RevisionRow
from db.services.revisions import is_revertible
from domain.field_changes import FieldChange, field_changes
from domain.ids import global_id
from resolvers.connections import nested_page_key
from resolvers.loader_field import load_by_key

revisions = load_by_key(lambda loaders: loaders.administration.revisions_by_entity_id, key=nested_page_key)

author = load_by_key(lambda loaders: loaders.users.user_by_id, key="actor_id")


def revision_id(parent: strawberry.Parent[RevisionRow]) -> str:
    return global_id("AuditEntry", parent.id)


def changes(parent: strawberry.Parent[RevisionRow]) -> list[FieldChange]:
    return field_changes(parent.changes)


def revertible(parent: strawberry.Parent[RevisionRow]) -> bool:
    return is_revertible(parent)
