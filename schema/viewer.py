"""Users and the viewer."""

import datetime

import strawberry

from db.queries.users import AccountRow, StudySettingsRow, UserRow
from domain.enums import LeechAction, NewCardMix, NewCardOrder, Role, Scheduler
from domain.viewer import Viewer as ViewerValue
from resolvers import analyzed_texts as resolve_analyzed_texts
from resolvers import assignments as resolve_assignments
from resolvers import changes as resolve_changes
from resolvers import continue_point as resolve_continue
from resolvers import groups as resolve_groups
from resolvers import notifications as resolve_notifications
from resolvers import reports as resolve_reports
from resolvers import scheduling as resolve_scheduling
from resolvers import statistics as resolve_statistics
from resolvers import study as resolve_study
from resolvers import vacations as resolve_vacations
from resolvers import viewer as resolve_viewer
from schema import lazy_types as ref
from schema import list_sizes
from schema.cache_control import DASHBOARD
from schema.card_tags import CardTag
from schema.cards import DeletedCard
from schema.changes import Changes
from schema.connections import Connection
from schema.continue_point import ContinuePoint
from schema.dashboard import Dashboard
from schema.directives import NULL_ON_ERROR, Cost
from schema.nodes import Node, is_row
from schema.scheduling import Scheduling
from schema.statistics import Statistics
from schema.study import StudySession
from schema.vacations import Vacation


@strawberry.type(description="The public profile of a user.")
class User(Node):
    is_type_of = is_row(UserRow, AccountRow)

    display_name: str = strawberry.field(description="Display name.", directives=[Cost(weight="3")])


@strawberry.type(description="The viewer's study settings.")
class StudySettings(Node):
    is_type_of = is_row(StudySettingsRow)

    scheduler: Scheduler = strawberry.field(description="Scheduling algorithms.")
    desired_retention: float = strawberry.field(description="Desired retention, between 0.70 and 0.97.")
    new_cards_per_day: int = strawberry.field(description="Maximum number of new cards per day.")
    reviews_per_day: int = strawberry.field(description="Maximum number of reviews per day.")
    time_zone: str = strawberry.field(description="An IANA time zone name, such as Asia/Tokyo.")
    day_starts_at: int = strawberry.field(
        description="Hour of the time zone at which a day starts, between 0 and 23; 4 by default."
    )
    learning_steps: list[int] = strawberry.field(
        description="Learning steps of FSRS in minutes.", directives=[list_sizes.STEPS]
    )
    relearning_steps: list[int] = strawberry.field(
        description="Steps in minutes of cards that were forgotten with FSRS.", directives=[list_sizes.STEPS]
    )
    maximum_interval: int = strawberry.field(description="Maximum interval in days.")
    new_card_mix: NewCardMix = strawberry.field(description="Where new cards stand among the reviews of a session.")
    new_card_order: NewCardOrder = strawberry.field(description="The order in which new cards are introduced.")
    easy_days: list[float] = strawberry.field(
        description="Share of the usual reviews on each weekday, Monday first; others move to other days.",
        directives=[list_sizes.DAYS_OF_WEEK],
    )
    leech_threshold: int = strawberry.field(
        description="Number of lapses from which a card is a leech; 0 if no card is one."
    )
    leech_action: LeechAction = strawberry.field(description="What happens to a card that becomes a leech.")
    bury_siblings: bool = strawberry.field(
        description="Whether a study session shows only one card of a word or kanji on a day."
    )
    streak_freezes_per_month: int = strawberry.field(
        description="Number of missed days of a month that do not end a streak; 0 by default."
    )


@strawberry.type(description="A deletion of an account that the user requested.")
class AccountDeletion:
    requested_at: datetime.datetime = strawberry.field(description="When the user requested it.")
    erased_at: datetime.datetime = strawberry.field(
        description="When everything about the user is erased. Until then `cancelAccountDeletion` restores the account."
    )


@strawberry.type(description="The authenticated user and their data.")
class Viewer(Node):
    is_type_of = is_row(ViewerValue)

    user = strawberry.field(
        resolver=resolve_viewer.user,
        graphql_type=User | None,
        description="The public profile.",
        directives=[NULL_ON_ERROR],
    )
    email = strawberry.field(
        resolver=resolve_viewer.email,
        graphql_type=str | None,
        description="Email address, as the identity provider states it.",
        directives=[NULL_ON_ERROR, Cost(weight="3")],
    )
    role: Role = strawberry.field(description="What the viewer may do.")
    locale = strawberry.field(
        resolver=resolve_viewer.locale,
        graphql_type=str | None,
        description="The language tag that the viewer chose, such as ja-JP; null if they chose none.",
    )
    deletion = strawberry.field(
        resolver=resolve_viewer.deletion,
        graphql_type=AccountDeletion | None,
        description=(
            "The deletion of the account; null unless this operation requested it. Later operations of a deleted "
            "account fail with ACCOUNT_DELETED, which has the same times."
        ),
    )
    settings = strawberry.field(
        resolver=resolve_viewer.settings,
        graphql_type=StudySettings | None,
        description="Study settings.",
        directives=[NULL_ON_ERROR],
    )
    scheduling = strawberry.field(
        resolver=resolve_scheduling.scheduling,
        graphql_type=Scheduling | None,
        description="The learner's parameters of FSRS and how well they predict answers.",
        directives=[NULL_ON_ERROR],
    )
    vacation = strawberry.field(
        resolver=resolve_vacations.vacation,
        graphql_type=Vacation | None,
        description="The present vacation or the planned one; null if there is none.",
    )
    dashboard = strawberry.field(
        resolver=resolve_viewer.dashboard,
        graphql_type=Dashboard | None,
        description="The learner's dashboard, up to date with the last review.",
        directives=[NULL_ON_ERROR, Cost(weight="400"), DASHBOARD],
    )
    continue_point = strawberry.field(
        resolver=resolve_continue.continue_point,
        graphql_type=ContinuePoint | None,
        name="continue",
        description="Where the viewer stopped, to continue there.",
        directives=[NULL_ON_ERROR],
    )
    reports = strawberry.field(
        resolver=resolve_reports.own_reports,
        graphql_type=Connection[ref.Report] | None,
        description="The viewer's reports of mistakes in the content, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    due_cards = strawberry.field(
        resolver=resolve_viewer.due_cards,
        graphql_type=Connection[ref.Card] | None,
        description="Cards that are due, whatever the limits of the day; the most overdue first by default.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    study_session = strawberry.field(
        resolver=resolve_study.study_session,
        graphql_type=StudySession | None,
        description="The cards to study now, in order, within the limits of the day.",
        directives=[NULL_ON_ERROR, Cost(weight="1500"), list_sizes.STUDY_SESSION],
    )
    statistics = strawberry.field(
        resolver=resolve_statistics.statistics,
        graphql_type=Statistics | None,
        description="Statistics of reviews in a range of days.",
        directives=[NULL_ON_ERROR, Cost(weight="5000")],
    )
    cards = strawberry.field(
        resolver=resolve_viewer.cards,
        graphql_type=Connection[ref.Card] | None,
        description="Every card of the learner; the newest first by default.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    deleted_cards = strawberry.field(
        resolver=resolve_viewer.deleted_cards,
        graphql_type=Connection[DeletedCard] | None,
        description="Cards that can be restored, the newest deletions first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    card_tags = strawberry.field(
        resolver=resolve_viewer.card_tags,
        graphql_type=list[CardTag] | None,
        description="The tags of the learner's cards, the most used first. `first`: 1 to 1,000, default 100.",
        directives=[NULL_ON_ERROR, list_sizes.TAGS],
    )
    reading_progress = strawberry.field(
        resolver=resolve_viewer.reading_progress,
        graphql_type=Connection[ref.BookProgress] | None,
        description="Progress in books, most recently read first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    textbooks = strawberry.field(
        resolver=resolve_viewer.textbooks,
        graphql_type=Connection[ref.Textbook] | None,
        description="The user's textbooks, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    reviews = strawberry.field(
        resolver=resolve_viewer.reviews,
        graphql_type=Connection[ref.Review] | None,
        description="The user's reviews, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    analyzed_text = strawberry.field(
        resolver=resolve_analyzed_texts.analyzed_text,
        graphql_type=ref.AnalyzedText | None,
        description="The analysed text with this id; null if it was deleted or its analysis is not complete.",
    )
    analyzed_texts = strawberry.field(
        resolver=resolve_viewer.analyzed_texts,
        graphql_type=Connection[ref.AnalyzedText] | None,
        description="Texts that were analysed by jobs, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    imports = strawberry.field(
        resolver=resolve_viewer.imports,
        graphql_type=Connection[ref.Import] | None,
        description="Imports from other programs, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    changes = strawberry.field(
        resolver=resolve_changes.changes,
        graphql_type=Changes | None,
        description=(
            "Changes of the learner's objects since a token, for clients that keep copies; without a token, all "
            "objects. Each is listed with its newest state, in the order of the last changes, and possibly again."
        ),
        directives=[NULL_ON_ERROR, list_sizes.CHANGES],
    )
    groups = strawberry.field(
        resolver=resolve_groups.groups,
        graphql_type=Connection[ref.Group] | None,
        description="The groups in which the viewer is a teacher or a learner, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    assignments = strawberry.field(
        resolver=resolve_assignments.assignments,
        graphql_type=Connection[ref.Assignment] | None,
        description="The assignments of groups in which the viewer is a learner, the earliest due time first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    notifications = strawberry.field(
        resolver=resolve_notifications.notifications,
        graphql_type=Connection[ref.Notification] | None,
        description="Notifications of the last 90 days, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    unread_notification_count = strawberry.field(
        resolver=resolve_notifications.unread_notification_count,
        graphql_type=int | None,
        description="Number of unread notifications.",
        directives=[NULL_ON_ERROR],
    )
    notification_preferences = strawberry.field(
        resolver=resolve_notifications.preferences,
        graphql_type=list[ref.NotificationPreference] | None,
        description="Of which kinds the viewer is notified, for each kind and channel.",
        directives=[NULL_ON_ERROR, list_sizes.NOTIFICATION_PREFERENCES],
    )
    jobs = strawberry.field(
        resolver=resolve_viewer.jobs,
        graphql_type=Connection[ref.Job] | None,
        description="The user's jobs, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
