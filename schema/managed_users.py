"""Users as administrators see them."""

import datetime

import strawberry

from db.queries.managed_users import ManagedUserRow
from domain.enums import Role
from resolvers import managed_users as resolve_managed_users
from schema.directives import Cost
from schema.nodes import Node, is_row


@strawberry.type(description="A block of an account, which refuses its tokens.")
class AccountBlock:
    at: datetime.datetime = strawberry.field(description="When the account was blocked.")
    until: datetime.datetime | None = strawberry.field(description="When the block expires; null if it does not.")
    reason: str = strawberry.field(description="The reason, which the user sees.", directives=[Cost(weight="5")])


@strawberry.type(description="A user as administrators see them.")
class ManagedUser(Node):
    is_type_of = is_row(ManagedUserRow)

    display_name: str = strawberry.field(description="Display name.", directives=[Cost(weight="3")])
    email: str = strawberry.field(
        description="Email address, as the identity provider states it.", directives=[Cost(weight="3")]
    )
    role: Role = strawberry.field(description="What the user may do.")
    locale: str | None = strawberry.field(description="The language tag that the user chose; null if they chose none.")
    created_at: datetime.datetime = strawberry.field(description="When the user signed up.")
    deleted_at: datetime.datetime | None = strawberry.field(description="When the account was deleted.")
    block = strawberry.field(
        resolver=resolve_managed_users.block,
        graphql_type=AccountBlock | None,
        description="The block of the account; null if it is not blocked.",
    )
