"""Queries for fitted parameters and the reviews that determine them."""

from datetime import date, datetime

from sqlalchemy import Integer, bindparam, func, select, text

from db.core.statement import Query, Row
from db.queries.expressions import VIEWER_ID, row_columns
from db.tables.reviews import review_days
from db.tables.users import scheduling_fits
from domain.enums import ScheduleChangeKind
from domain.ids import CardId
from domain.scheduling.fitting import FittedEntry


class SchedulingFitRow(Row):
    """The newest fit of the viewer. `is_kept`: whether its parameters are used."""

    __slots__ = ()
    fitted_at: datetime
    reviews: int
    is_kept: bool
    log_loss: float
    rmse: float
    previous_log_loss: float
    previous_rmse: float
    optimal_retention: float


class FittedEntryRow(Row):
    """What a fit uses of a log entry: see `FittedEntry`."""

    __slots__ = ()
    card_id: CardId
    day: date
    quality: int | None
    kind: ScheduleChangeKind | None
    is_after_others: bool

    @property
    def entry(self) -> FittedEntry:
        kind = None if self.kind is None else ScheduleChangeKind(self.kind)
        return FittedEntry(self.card_id, self.day, self.quality, kind, self.is_after_others)


class ReviewCountRow(Row):
    """The number of the viewer's reviews that moved a schedule, without undone ones."""

    __slots__ = ()
    reviews: int


own_fit = Query(
    select(*row_columns(scheduling_fits, SchedulingFitRow)).where(scheduling_fits.c.user_id == VIEWER_ID),
    SchedulingFitRow,
    rls_scoped=True,
)

# The newest reviews with the resets and imports of their cards among them, in the order of the log. Parameter: limit.
newest_entries = Query(
    text("""
with newest as materialized (
    select card_id, day, quality, reviewed_at, idempotency_key from reviews
    where user_id = :viewer_id and not undone and rescheduled
    order by reviewed_at desc limit :limit
),
since as (
    select case when count(*) = :limit then min(reviewed_at) else '-infinity' end as starts_at from newest
),
entries as (
    select card_id, day, quality, null as kind, reviewed_at as at, idempotency_key from newest
    union all
    select card_id, day, null, kind, changed_at, idempotency_key from schedule_changes, since
    where user_id = :viewer_id and not undone and kind in ('RESET', 'IMPORT') and changed_at > starts_at
        and card_id in (select card_id from newest)
)
select card_id, entries.day, quality, entries.kind, coalesce(first_reviewed_at <= starts_at, false) as is_after_others
from entries cross join since join cards on cards.user_id = :viewer_id and cards.id = card_id
order by at, idempotency_key collate "C"
""").bindparams(VIEWER_ID, bindparam("limit", type_=Integer)),
    FittedEntryRow,
    rls_scoped=True,
)

_graded = func.sum(review_days.c.reviews - review_days.c.crammed)
review_count = Query(
    select(func.coalesce(_graded, 0).cast(Integer).label("reviews")).where(review_days.c.user_id == VIEWER_ID),
    ReviewCountRow,
    rls_scoped=True,
)
