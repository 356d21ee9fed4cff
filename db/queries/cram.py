"""Queries for sessions that show cards whether they are due or not."""

from typing import Any

from sqlalchemy import Double, Integer, Select, bindparam, cast, extract, func, literal_column, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on

from db.core.filters import cache_by_variant
from db.core.statement import Query, Row
from db.queries.expressions import VIEWER_ID
from db.queries.siblings import is_in
from db.queries.study import FIRST, StudyCardRow, StudyFilter, matching_cards, new_card_order, ranked_cards, risk
from db.tables.base import Timestamp
from db.tables.cards import cards
from db.tables.reviews import reviews
from domain.enums import NewCardOrder, Scheduler, StudyQueue
from domain.scheduling import PASSING_QUALITY


class CramCountsRow(Row):
    """The number of cards in each queue of a session, see `_queue`."""

    __slots__ = ()
    new: int
    learning: int
    reviews: int


# The newest answer to each card since the session began.
_answers = (
    select(reviews.c.card_id, reviews.c.reviewed_at, reviews.c.quality)
    .where(
        reviews.c.user_id == VIEWER_ID,
        reviews.c.reviewed_at >= bindparam("since", type_=Timestamp),
        ~reviews.c.undone,
    )
    .ext(distinct_on(reviews.c.card_id))
    .order_by(reviews.c.card_id, reviews.c.reviewed_at.desc(), reviews.c.idempotency_key.desc())
    .cte("answers")
)


def _queue(filter: StudyFilter, queue: StudyQueue, *columns: Any) -> Select[Any]:
    """Cards without an answer since the session began, new ones and others; LEARNING has those answered wrong."""
    matching = matching_cards(filter, *columns).outerjoin(_answers, _answers.c.card_id == cards.c.id)
    if queue is StudyQueue.LEARNING:
        return matching.where(_answers.c.quality < literal_column(str(PASSING_QUALITY)))
    is_new = is_in(StudyQueue.NEW)
    return matching.where(_answers.c.card_id.is_(None), is_new if queue is StudyQueue.NEW else ~is_new)


@cache_by_variant
def cram_counts(filter: StudyFilter) -> Query[CramCountsRow]:
    """The sizes of the queues. Parameters: those of the filter, viewer_id and since."""
    names = (("new", StudyQueue.NEW), ("learning", StudyQueue.LEARNING), ("reviews", StudyQueue.REVIEW))
    statement = select(
        *(_queue(filter, queue, cast(func.count(), Integer)).scalar_subquery().label(name) for name, queue in names)
    )
    return Query(statement, CramCountsRow, rls_scoped=True)


@cache_by_variant
def cram_cards(filter: StudyFilter, scheduler: Scheduler, order: NewCardOrder) -> Query[StudyCardRow]:
    """The first cards of each queue, in the order of their queue: most at risk first, new cards as in other sessions,
    and cards to repeat in the order of their answers.

    Parameters: those of the filter, viewer_id, since, today, seed and first.
    """
    new_rank, new_order = new_card_order(order)
    risk_rank = func.coalesce(-risk(scheduler), literal_column("0"), type_=Double)
    repeated_rank = extract("epoch", _answers.c.reviewed_at).cast(Double)
    queues = (
        (StudyQueue.LEARNING, repeated_rank, (_answers.c.reviewed_at, cards.c.id)),
        (StudyQueue.REVIEW, risk_rank, (risk_rank, cards.c.id)),
        (StudyQueue.NEW, new_rank, new_order),
    )
    first = union_all(
        *(
            _queue(filter, queue, cards.c.id, rank.label("rank"), literal_column(f"'{queue}'").label("queue"))
            .order_by(*order_by)
            .limit(FIRST)
            .subquery()
            .select()
            for queue, rank, order_by in queues
        )
    ).subquery("first")
    return ranked_cards(first, first.c.queue)
