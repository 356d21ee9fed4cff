"""What the limits of a learner's day allow, with extensions of that day."""

import datetime

from sqlalchemy import Text, bindparam, select, text

from db.core.cache_tags import viewer_tags
from db.core.statement import Query, Row
from db.queries.dashboard import LEARNER
from db.queries.expressions import NOW, VIEWER_ID, row_columns
from db.queries.learner_days import start_of_day
from db.queries.siblings import ANSWERED_SINCE
from db.tables.study import limit_extensions
from domain.enums import NewCardMix, NewCardOrder, Scheduler


class StudyLimitsRow(Row):
    """The settings of sessions, and the limits of the learner's day.

    `new_cards` and `reviews`: the limits with extensions; `new_left` and `reviews_left`: how many cards they still
    allow. `vacation_ends_at`: None unless the learner is on vacation. `may_have_siblings`: whether a
    card does not ask the meaning, as one of two siblings does.
    """

    __slots__ = ()
    scheduler: Scheduler
    new_card_mix: NewCardMix
    new_card_order: NewCardOrder
    bury_siblings: bool
    new_cards_per_day: int
    reviews_per_day: int
    new_cards: int
    reviews: int
    new_left: int
    reviews_left: int
    today: datetime.date
    day_starts_at: datetime.datetime
    day_ends_at: datetime.datetime
    vacation_ends_at: datetime.datetime | None
    may_have_siblings: bool

    @property
    def date(self) -> datetime.date:
        """Today, by its name in the schema."""
        return self.today

    @property
    def ends_at(self) -> datetime.datetime:
        """The start of the next day, by its name in the schema."""
        return self.day_ends_at


class LimitExtensionRow(Row):
    """An extension of the limits of a day."""

    __slots__ = ()
    idempotency_key: str
    day: datetime.date
    new_cards: int
    reviews: int

    @property
    def is_undone(self) -> bool:
        """Every other extension has a number."""
        return not self.new_cards and not self.reviews


# A card counts as a review on a day if it was answered with an interval of a day or more; intervals of learning steps
# are shorter. Parameters: viewer_id, now and answered_since.
study_limits = Query(
    text(f"""
with {LEARNER},
extension as (
    select coalesce(sum(new_cards), 0)::int as new_cards, coalesce(sum(reviews), 0)::int as reviews
    from limit_extensions, learner where user_id = :viewer_id and day = today
),
done as (
    select
        coalesce((select new_cards from review_days, learner where user_id = :viewer_id and day = today), 0)
            as new_cards,
        (
            select count(distinct card_id)::int from reviews, learner
            where user_id = :viewer_id and reviewed_at > :answered_since and day = today and not undone
                and rescheduled and interval_days_before >= 1
        ) as reviews
),
-- The start of the day after a vacation, on which nothing is to be done.
vacation as (
    select {start_of_day("max(day) + 1", "min(time_zone)", "min(turn)")} as vacation_ends_at
    from review_days, learner where user_id = :viewer_id and day >= today and freeze_reason = 'VACATION'
    having min(day) = min(today)
),
allowed as (
    select case when vacation_ends_at is null then new_cards_per_day else 0 end + extension.new_cards as new_cards,
        case when vacation_ends_at is null then reviews_per_day else 0 end + extension.reviews as reviews,
        vacation_ends_at
    from user_settings cross join extension left join vacation on true where user_id = :viewer_id
)
select scheduler, new_card_mix, new_card_order, bury_siblings, new_cards_per_day, reviews_per_day,
    allowed.new_cards, allowed.reviews,
    greatest(allowed.new_cards - done.new_cards, 0) as new_left,
    greatest(allowed.reviews - done.reviews, 0) as reviews_left,
    today, {start_of_day("today", "learner.time_zone")} as day_starts_at, day_ends_at, vacation_ends_at,
    exists (
        select from cards where cards.user_id = :viewer_id and deleted_at is null and kind <> 'RECOGNITION'
    ) as may_have_siblings
from learner cross join allowed cross join done cross join user_settings where user_id = :viewer_id
""").bindparams(VIEWER_ID, NOW, ANSWERED_SINCE),  # noqa: S608  # a constant is put in, never a value
    StudyLimitsRow,
    rls_scoped=True,
    cache_tags=[viewer_tags("Dashboard")],
    changes_at="day_ends_at",
)

_own = limit_extensions.c.user_id == VIEWER_ID

# Parameter: key.
extension_by_key = Query(
    select(*row_columns(limit_extensions, LimitExtensionRow)).where(
        _own, limit_extensions.c.idempotency_key == bindparam("key", type_=Text)
    ),
    LimitExtensionRow,
    rls_scoped=True,
)
