"""Statements about the review log. All personal."""

from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import bindparam, select

from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, row_columns
from db.tables.base import Timestamp
from db.tables.cards import reviews


class ReviewRow(Row):
    """One review of a card."""

    __slots__ = ()
    id: UUID
    card_id: UUID
    quality: int
    reviewed_at: datetime
    interval_days_before: float
    interval_days_after: float
    duration_ms: int | None
    undone: bool


_own_reviews = select(*row_columns(reviews, ReviewRow)).where(reviews.c.user_id == VIEWER_ID)

reviews_by_id = Query(_own_reviews.where(any_of(reviews.c.id, IDS)), ReviewRow, rls_scoped=True)


@cache
def paged_reviews(*, has_from: bool, has_to: bool) -> PagedQuery[ReviewRow]:
    """Latest first. Parameters: viewer_id; `from_moment` (inclusive) and `to_moment` (exclusive) where asked for."""
    statement = _own_reviews
    if has_from:
        statement = statement.where(reviews.c.reviewed_at >= bindparam("from_moment", type_=Timestamp))
    if has_to:
        statement = statement.where(reviews.c.reviewed_at < bindparam("to_moment", type_=Timestamp))
    ordering = Ordering("review", (reviews.c.reviewed_at, reviews.c.id), descending=True)
    return PagedQuery(statement, ordering, ReviewRow, rls_scoped=True)
