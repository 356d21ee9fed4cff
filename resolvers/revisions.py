"""Resolvers of revisions of shared content."""

from dataclasses import dataclass

import orjson
import strawberry

from db.queries.revisions import RevisionRow
from db.services.revisions import is_revertible
from domain.ids import global_id
from resolvers.connections import nested_page_key
from resolvers.loader_field import load_by_key


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field with its values before and after a change, as JSON."""

    field: str
    before: str
    after: str


revisions = load_by_key(lambda loaders: loaders.administration.revisions_by_entity_id, key=nested_page_key)

author = load_by_key(lambda loaders: loaders.users.user_by_id, key="actor_id")


def revision_id(parent: strawberry.Parent[RevisionRow]) -> str:
    return global_id("AuditEntry", parent.id)


def changes(parent: strawberry.Parent[RevisionRow]) -> list[FieldChange]:
    found = orjson.loads(parent.changes)
    return [
        FieldChange(name, *(orjson.dumps(change.get(side)).decode() for side in ("before", "after")))
        for name, change in sorted(found.items())
    ]


def revertible(parent: strawberry.Parent[RevisionRow]) -> bool:
    return is_revertible(parent)
