"""Users as administrators see them."""

import datetime

import strawberry

from db.queries.managed_users import ManagedUserRow
from domain.enums import Role
from resolvers import managed_users as resolve_managed_users
from schema import lazy_types as ref
from schema import list_sizes
from schema.connections import Connection
from schema.directives import NULL_ON_ERROR, Cost
from schema.managed_jobs import ManagedJob
from schema.nodes import Node, is_row


@strawberry.type(description="A block of an account, which refuses its tokens.")
class AccountBlock:
    at: datetime.datetime = strawberry.field(description="When the account was blocked.")
    until: datetime.datetime | None = strawberry.field(description="When the block expires; null if it does not.")
    reason: str = strawberry.field(description="The reason, which the user sees.", directives=[Cost(weight="5")])


@strawberry.type(description="A client by which a user was active.")
class ClientUse:
    name: str = strawberry.field(description="The client's name, from its request headers; `unknown` without one.")
    last_active_at: datetime.datetime = strawberry.field(description="Time of its last request, within an hour.")


@strawberry.type(description="The totals of a user's dashboard. Days are in the user's time zone.")
class UserStatistics:
    streak_days: int = strawberry.field(
        description="Number of consecutive days with reviews, up to today or yesterday."
    )
    longest_streak_days: int = strawberry.field(description="The longest streak ever.")
    due_now: int = strawberry.field(description="Number of cards due now.")
    reviews_today: int = strawberry.field(description="Number of reviews today.")
    new_today: int = strawberry.field(description="Number of new cards studied today.")
    retention30d: float | None = strawberry.field(
        name="retention30d",
        description="Share of successful reviews in the last 30 days, between 0 and 1; null without reviews.",
    )
    study_minutes7d: float = strawberry.field(
        name="studyMinutes7d", description="Minutes spent on reviews in the last 7 days."
    )


@strawberry.type(
    description="A user as administrators see them. Each look at another user is an entry of the audit log."
)
class ManagedUser(Node):
    is_type_of = is_row(ManagedUserRow)

    display_name: str = strawberry.field(description="Display name.", directives=[Cost(weight="3")])
    email: str = strawberry.field(
        description="Email address, as the identity provider states it.", directives=[Cost(weight="3")]
    )
    role: Role = strawberry.field(description="What the user may do.")
    version: int = strawberry.field(
        description="Version of the role and the block, for optimistic locking. Pass it as `expectedVersion`."
    )
    locale: str | None = strawberry.field(description="The language tag that the user chose; null if they chose none.")
    created_at: datetime.datetime = strawberry.field(description="When the user signed up.")
    last_active_at: datetime.datetime = strawberry.field(description="Time of the last request, within an hour.")
    deleted_at: datetime.datetime | None = strawberry.field(
        description="When the user deleted the account, which is erased 30 days later."
    )
    block = strawberry.field(
        resolver=resolve_managed_users.block,
        graphql_type=AccountBlock | None,
        description="The block of the account; null if it is not blocked.",
    )
    clients = strawberry.field(
        resolver=resolve_managed_users.clients,
        graphql_type=list[ClientUse],
        description="The clients by which the user was active, the last one first; the first 20 names are stored.",
        directives=[list_sizes.CLIENTS],
    )
    card_count = strawberry.field(
        resolver=resolve_managed_users.card_count, graphql_type=int, description="Number of cards."
    )
    review_count = strawberry.field(
        resolver=resolve_managed_users.review_count, graphql_type=int, description="Number of reviews."
    )
    textbook_count = strawberry.field(
        resolver=resolve_managed_users.textbook_count,
        graphql_type=int,
        description="Number of the user's own textbooks.",
    )
    statistics = strawberry.field(
        resolver=resolve_managed_users.statistics,
        graphql_type=UserStatistics | None,
        description=(
            "The totals of the user's dashboard; null for an account without settings. Each look is an entry of the "
            "audit log of its own."
        ),
        directives=[Cost(weight="10")],
    )
    jobs = strawberry.field(
        resolver=resolve_managed_users.jobs,
        graphql_type=Connection[ManagedJob] | None,
        description="The user's jobs, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    audit_trail = strawberry.field(
        resolver=resolve_managed_users.audit_trail,
        graphql_type=Connection[ref.AuditEntry] | None,
        description="The audit log's entries about the account, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
