"""Queries for fitted parameters and the reviews that determine them."""

from datetime import date, datetime

from sqlalchemy import Integer, bindparam, func, select, text

from db.core.statement import Query, Row
from db.queries.expressions import VIEWER_ID, row_columns
from db.tables.reviews import review_days
from db.tables.users import scheduling_fits
from domain.ids import CardId


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


class FittedReviewRow(Row):
    """What a fit uses of a review."""

    __slots__ = ()
    card_id: CardId
    day: date
    quality: int


class ReviewCountRow(Row):
    """The number of the viewer's reviews that moved a schedule, without undone ones."""

    __slots__ = ()
    reviews: int


own_fit = Query(
    select(*row_columns(scheduling_fits, SchedulingFitRow)).where(scheduling_fits.c.user_id == VIEWER_ID),
    SchedulingFitRow,
    rls_scoped=True,
)

# The newest reviews, oldest first. Parameter: limit.
newest_reviews = Query(
    text("""
select card_id, day, quality from (
    select card_id, day, quality, reviewed_at, idempotency_key from reviews
    where user_id = :viewer_id and not undone and rescheduled
    order by reviewed_at desc limit :limit
) as newest order by reviewed_at, idempotency_key
""").bindparams(VIEWER_ID, bindparam("limit", type_=Integer)),
    FittedReviewRow,
    rls_scoped=True,
)

_graded = func.sum(review_days.c.reviews - review_days.c.crammed)
review_count = Query(
    select(func.coalesce(_graded, 0).cast(Integer).label("reviews")).where(review_days.c.user_id == VIEWER_ID),
    ReviewCountRow,
    rls_scoped=True,
)
