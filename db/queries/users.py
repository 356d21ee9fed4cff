"""Queries for users."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Boolean, Text, cast, literal_column, not_, select

from db.core.statement import Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, row_columns
from db.tables.users import user_settings, users
from db.tables.views import public_profiles
from domain.enums import LeechAction, NewCardMix, NewCardOrder, Scheduler
from domain.ids import UserId
from domain.scheduling import SchedulingAlgorithm, SchedulingSettings, algorithm
from domain.scheduling.days import EarlierDays

# Whether the block of an account has not expired, in statements that run without a given time.
IS_BLOCKED = "(blocked_at is not null and (blocked_until is null or blocked_until > now()))"


class UserRow(Row):
    """The public profile of a user."""

    __slots__ = ()
    id: UserId
    display_name: str


class AccountRow(Row):
    """The viewer's own account."""

    __slots__ = ()
    id: UserId
    display_name: str
    email: str
    locale: str | None
    deleted_at: datetime | None


class AdmittedRow(Row):
    """A user who is not blocked."""

    __slots__ = ()
    id: UserId


class StudySettingsRow(Row):
    """The viewer's study settings."""

    __slots__ = ()
    user_id: UserId
    scheduler: Scheduler
    desired_retention: float
    new_cards_per_day: int
    reviews_per_day: int
    time_zone: str
    day_starts_at_hour: int
    learning_steps: list[int]
    relearning_steps: list[int]
    max_interval_days: int
    new_card_mix: NewCardMix
    new_card_order: NewCardOrder
    easy_days: list[float]
    bury_siblings: bool
    leech_threshold: int
    leech_action: LeechAction
    streak_freezes_per_month: int
    fsrs_parameters: list[float] | None
    earlier_days: str
    created_at: datetime

    @property
    def id(self) -> UserId:
        """Settings have the id of their user."""
        return self.user_id

    @property
    def day_starts_at(self) -> int:
        """The hour, by its name in the schema."""
        return self.day_starts_at_hour

    @property
    def maximum_interval(self) -> int:
        """Days, by its name in the schema."""
        return self.max_interval_days

    @property
    def algorithm(self) -> SchedulingAlgorithm:
        """The algorithm that the settings select."""
        return algorithm(self.scheduling)

    @property
    def scheduling(self) -> SchedulingSettings:
        """The settings that schedules depend on."""
        return SchedulingSettings(
            Scheduler(self.scheduler),
            self.desired_retention,
            self.time_zone,
            self.day_starts_at_hour,
            tuple(self.learning_steps),
            tuple(self.relearning_steps),
            self.max_interval_days,
            tuple(self.fsrs_parameters or ()),
            tuple(self.easy_days),
            earlier_days=parse_earlier_days(orjson.loads(self.earlier_days)),
        )


def parse_earlier_days(values: Sequence[Mapping[str, Any]]) -> tuple[EarlierDays, ...]:
    """Return the value of the column."""
    parse = datetime.fromisoformat
    return tuple(
        EarlierDays(parse(days["since"]), parse(days["until"]), days["timeZone"], days["dayStartsAt"])
        for days in values
    )


class VersionedSettingsRow(StudySettingsRow):
    """`version`: the transaction of the last change, also by a vacation; None if there was none."""

    __slots__ = ()
    version: str | None


users_by_id = Query(
    select(*row_columns(public_profiles, UserRow)).where(any_of(public_profiles.c.id, IDS)), UserRow, rls_scoped=True
)
accounts_by_id = Query(
    select(*row_columns(users, AccountRow)).where(users.c.id == VIEWER_ID, any_of(users.c.id, IDS)),
    AccountRow,
    rls_scoped=True,
)
# No row if the viewer is blocked. For links, whose viewer was not authenticated.
admitted_viewer = Query(
    select(*row_columns(users, AdmittedRow)).where(users.c.id == VIEWER_ID, not_(literal_column(IS_BLOCKED, Boolean))),
    AdmittedRow,
    rls_scoped=True,
)
settings_by_user_id = Query(
    select(*row_columns(user_settings, StudySettingsRow)).where(
        user_settings.c.user_id == VIEWER_ID, any_of(user_settings.c.user_id, IDS)
    ),
    StudySettingsRow,
    rls_scoped=True,
)
versioned_settings = Query(
    select(
        *row_columns(user_settings, StudySettingsRow), cast(user_settings.c.changed_in, Text).label("version")
    ).where(user_settings.c.user_id == VIEWER_ID),
    VersionedSettingsRow,
    rls_scoped=True,
)
