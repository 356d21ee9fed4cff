"""The mutations of the viewer's profile and study settings."""

import strawberry

from domain.enums import Role
from resolvers.mutations import users as resolve_users
from schema import lazy_types as ref
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError
from schema.viewer import StudySettings, User

describe_input(
    resolve_users.UpdateProfileInput,
    "Input of updateProfile. Omitted fields are unchanged.",
    display_name="Display name; 1 to 255 characters. Tokens no longer change it.",
    locale="A language tag: language, optional script and region, such as ja, zh-Hant or pt-BR. Null removes it.",
)

describe_input(
    resolve_users.UpdateStudySettingsInput,
    "Input of updateStudySettings. Omitted fields are unchanged.",
    scheduler="Scheduling algorithm. A change reschedules every card from its log.",
    desired_retention="Desired retention, between 0.70 and 0.97. With FSRS, cards are rescheduled.",
    new_cards_per_day="Maximum number of new cards per day, between 0 and 9999.",
    reviews_per_day="Maximum number of reviews per day, between 0 and 9999.",
    time_zone="An IANA time zone name, such as Asia/Tokyo. Past days remain as they were counted.",
    day_starts_at="Hour at which a day starts, between 0 and 23. Past days remain as they were counted.",
    learning_steps="Learning steps of FSRS in minutes: up to 10, each between 1 and 1,439.",
    relearning_steps="Steps in minutes of cards that were forgotten with FSRS: up to 10, each between 1 and 1,439.",
    maximum_interval="Maximum interval in days, between 1 and 36,500.",
    new_card_mix="Where new cards stand among the reviews of a study session; mixed evenly by default.",
    new_card_order="The order in which new cards are introduced; by level and frequency by default.",
    easy_days="Share of the usual reviews on each weekday, Monday first: 7 numbers between 0 and 1.",
    leech_threshold="Number of lapses from which a card is a leech, between 1 and 99, or 0 for none; 8 by default.",
    leech_action="What happens to a card that becomes a leech; MARK_ONLY by default.",
    bury_siblings="Whether only one card of a word or kanji is shown on a day; true by default.",
    streak_freezes_per_month="Number of missed days of a month that do not end a streak, between 0 and 10.",
)


@strawberry.type(description="Result of updateProfile.")
class UpdateProfilePayload(ViewerPayload):
    user: User | None = strawberry.field(description="The updated public profile.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of updateStudySettings.")
class UpdateStudySettingsPayload(ViewerPayload):
    settings: StudySettings | None = strawberry.field(description="The updated settings; unchanged if there is a job.")
    job: ref.Job | None = strawberry.field(
        description="The job that updates the settings and reschedules the cards of a learner with over 50,000 reviews."
    )
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class UserMutations:
    update_profile = strawberry.mutation(
        resolver=resolve_users.update_profile,
        graphql_type=UpdateProfilePayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Updates the display name and the locale. The e-mail address is that of the identity provider.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    update_study_settings = strawberry.mutation(
        resolver=resolve_users.update_study_settings,
        graphql_type=UpdateStudySettingsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Updates the study settings. A new algorithm reschedules cards from their reviews; new cards are unchanged."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
