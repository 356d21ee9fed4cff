"""Changes of the viewer's objects, for clients that keep copies."""

import strawberry

from domain.enums import ChangesReset, ChangeType
from resolvers import changes as resolve_changes
from schema.directives import Cost
from schema.nodes import Node, is_row


@strawberry.type(description="An object that was created, changed or deleted.")
class Change:
    is_type_of = is_row(resolve_changes.Change)

    type: ChangeType = strawberry.field(description="The type of the object.")
    object_id: strawberry.ID = strawberry.field(description="The global id of the object.")
    deleted: bool = strawberry.field(description="Whether the object was deleted.")
    node: Node | None = strawberry.field(description="The object in its newest state; null if it was deleted.")


@strawberry.type(description="A page of changes.")
class Changes:
    is_type_of = is_row(resolve_changes.Changes)

    changes: list[Change] = strawberry.field(
        description="The changes in the order in which clients apply them; possibly fewer than `first`."
    )
    next_token: str = strawberry.field(
        description="Opaque; pass it as `since` to read what follows. Valid for 89 days.",
        directives=[Cost(weight="4")],
    )
    has_more: bool = strawberry.field(description="Whether to read the next page now.")
    reset: ChangesReset | None = strawberry.field(
        description=(
            "Set if the list cannot be continued from `since`. Clients discard their copies: this is the first page "
            "of all objects."
        )
    )
