"""Queries for the viewer's review log."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.keyset import Ordering
from db.core.pagination import NestedPagedQuery, PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, row_columns
from db.tables.base import Timestamp
from db.tables.reviews import reviews
from domain.ids import CardId, ReviewId


class ReviewRow(Row):
    """One review of a card."""

    __slots__ = ()
    id: ReviewId
    card_id: CardId
    quality: int
    reviewed_at: datetime
    interval_days_before: float
    interval_days_after: float
    duration_ms: int | None
    undone: bool
    rescheduled: bool


class NewReview(NamedTuple):
    """A review as it was saved by this transaction: what a `ReviewRow` has, without reading it."""

    id: ReviewId
    reviewed_at: datetime
    card_id: CardId
    idempotency_key: str
    quality: int
    interval_days_before: float
    interval_days_after: float
    duration_ms: int | None
    day: date
    due_day: date | None
    retrievability: int | None
    rescheduled: bool

    @property
    def undone(self) -> bool:
        return False


class NestedReviewRow(ReviewRow):
    """A review and its card."""

    __slots__ = ()
    parent_id: CardId


@dataclass
class ReviewFilter(ListFilter):
    """Filters of a list of reviews."""

    from_: datetime | None = filter_field(
        Filter(
            "Inclusive lower bound of the review time.", lambda reviews, time: reviews.c.reviewed_at >= time, Timestamp
        )
    )
    to: datetime | None = filter_field(
        Filter(
            "Exclusive upper bound of the review time.", lambda reviews, time: reviews.c.reviewed_at < time, Timestamp
        )
    )


_own_reviews = select(*row_columns(reviews, ReviewRow)).where(reviews.c.user_id == VIEWER_ID)

reviews_by_id = Query(_own_reviews.where(any_of(reviews.c.id, IDS)), ReviewRow, rls_scoped=True)

# Parameters: ids, and their times for partition pruning.
reviews_by_id_and_time = Query(
    _own_reviews.where(
        any_of(reviews.c.id, IDS), any_of(reviews.c.reviewed_at, bindparam("times", type_=ARRAY(Timestamp)))
    ),
    ReviewRow,
    rls_scoped=True,
)


_ordering = Ordering("review", (reviews.c.reviewed_at, reviews.c.id), descending=True)


@cache_by_variant
def paged_reviews(filter: ReviewFilter) -> PagedQuery[ReviewRow]:
    """The viewer's reviews, latest first. Parameters: those of the filter, and viewer_id."""
    return PagedQuery(filter.apply(_own_reviews, reviews), _ordering, ReviewRow, rls_scoped=True)


# The viewer's reviews of each card, latest first.
paged_card_reviews = NestedPagedQuery(
    select(*row_columns(reviews, ReviewRow)),
    reviews.c.card_id,
    _ordering,
    NestedReviewRow,
    owner=reviews.c.user_id,
    rls_scoped=True,
)
