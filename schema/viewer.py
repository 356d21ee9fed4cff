"""People, and the signed-in learner."""

import strawberry

from db.queries.users import AccountRow, StudySettingsRow, UserRow
from domain.enums import Scheduler
from domain.viewer import Viewer as ViewerValue
from resolvers import viewer as resolve_viewer
from schema import lazy_types as ref
from schema import list_sizes
from schema.cache_control import DASHBOARD
from schema.connections import Connection
from schema.dashboard import Dashboard
from schema.directives import NULL_ON_ERROR, Cost
from schema.nodes import Node, is_row


@strawberry.type(description="A person, as others see them.")
class User(Node):
    is_type_of = is_row(UserRow, AccountRow)

    display_name: str = strawberry.field(description="The name that others see.", directives=[Cost(weight="3")])


@strawberry.type(description="How the viewer studies.")
class StudySettings(Node):
    is_type_of = is_row(StudySettingsRow)

    scheduler: Scheduler = strawberry.field(description="The algorithm that decides when a card is due again.")
    desired_retention: float = strawberry.field(description="Share of reviews to recall: 0.70 to 0.97.")
    new_cards_per_day: int = strawberry.field(description="How many cards to begin a day.")
    reviews_per_day: int = strawberry.field(description="How many reviews to do a day.")
    time_zone: str = strawberry.field(description="An IANA name, such as Asia/Tokyo.")


@strawberry.type(description="The signed-in person and everything that is theirs.")
class Viewer(Node):
    is_type_of = is_row(ViewerValue)

    user = strawberry.field(
        resolver=resolve_viewer.user,
        graphql_type=User | None,
        description="The person, as others see them.",
        directives=[NULL_ON_ERROR],
    )
    email = strawberry.field(
        resolver=resolve_viewer.email,
        graphql_type=str | None,
        description="Their address.",
        directives=[NULL_ON_ERROR, Cost(weight="3")],
    )
    settings = strawberry.field(
        resolver=resolve_viewer.settings,
        graphql_type=StudySettings | None,
        description="How they study.",
        directives=[NULL_ON_ERROR],
    )
    dashboard = strawberry.field(
        resolver=resolve_viewer.dashboard,
        graphql_type=Dashboard | None,
        description="Their figures, right to the last review.",
        directives=[NULL_ON_ERROR, DASHBOARD],
    )
    due_cards = strawberry.field(
        resolver=resolve_viewer.due_cards,
        graphql_type=Connection[ref.Card] | None,
        description="Cards to review now, most overdue first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    cards = strawberry.field(
        resolver=resolve_viewer.cards,
        graphql_type=Connection[ref.Card] | None,
        description="All their cards, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    reading_progress = strawberry.field(
        resolver=resolve_viewer.reading_progress,
        graphql_type=Connection[ref.BookProgress] | None,
        description="Their books, latest read first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    textbooks = strawberry.field(
        resolver=resolve_viewer.textbooks,
        graphql_type=Connection[ref.Textbook] | None,
        description="Their own textbooks, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    reviews = strawberry.field(
        resolver=resolve_viewer.reviews,
        graphql_type=Connection[ref.Review] | None,
        description="Their reviews, latest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    jobs = strawberry.field(
        resolver=resolve_viewer.jobs,
        graphql_type=Connection[ref.Job] | None,
        description="Their jobs, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
