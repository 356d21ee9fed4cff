"""Deleted content."""

from datetime import datetime

import strawberry

from db.queries.deleted_content import DeletedRow
from domain.enums import DeletedType
from resolvers import deleted_content as resolve_deleted
from schema.directives import Cost
from schema.nodes import is_row


@strawberry.type(description="A deleted object that can be restored.")
class DeletedObject:
    is_type_of = is_row(DeletedRow)

    object_id = strawberry.field(
        resolver=resolve_deleted.object_id,
        graphql_type=strawberry.ID,
        description="Its global id, for `restoreBook`, `restoreTextbook` or `restoreChapter`.",
    )
    type: DeletedType = strawberry.field(description="The type.")
    title: str = strawberry.field(description="The title.", directives=[Cost(weight="5")])
    version: int = strawberry.field(
        description="Its version for optimistic locking; of a chapter, that of its textbook."
    )
    deleted_at: datetime = strawberry.field(description="When it was deleted.")
    purged_at = strawberry.field(
        resolver=resolve_deleted.purged_at,
        graphql_type=datetime,
        description="From when on it is deleted permanently, within an hour.",
    )
