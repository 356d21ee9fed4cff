"""Which cards of a study session wait until the next day, because a sibling is studied on the day.

Siblings are the cards of one word or kanji. Of those that are due, one is shown: one in learning steps before a review,
a review before a new card, and in a queue the first one. If one was answered on the day, the others wait. Cards in
learning steps never wait, because their time is in minutes.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.sql.selectable import CTE

from db.queries.expressions import NOW, VIEWER_ID, is_recognition, not_deleted
from db.tables.base import Timestamp
from db.tables.cards import cards, reviews
from domain.enums import CardKind, StudyQueue

TODAY = bindparam("today", type_=Date)
DAY_ENDS_AT = bindparam("day_ends_at", type_=Timestamp)

# Selects the cards of a session, of all queues, with these columns.
Matching = Callable[..., Select[Any]]

# The precedence of siblings.
_STUDIED, _LEARNING, _REVIEW, _NEW = range(4)
_PRECEDENCE = {StudyQueue.LEARNING: _LEARNING, StudyQueue.REVIEW: _REVIEW, StudyQueue.NEW: _NEW}


def is_in(queue: StudyQueue) -> ColumnElement[bool]:
    return cards.c.queue == literal_column(f"'{queue}'")


def subject(cards: FromClause) -> ColumnElement[Any]:
    """Return the id of the word or kanji of a card."""
    return func.coalesce(cards.c.vocabulary_id, cards.c.kanji_id, type_=UUID)


class Siblings:
    """The siblings of one statement. Parameters: viewer_id, now, today and day_ends_at."""

    def __init__(self, matching: Matching) -> None:
        self._matching = matching
        # One of two siblings does not ask the meaning, and most learners have no such card.
        several = select(subject(cards).label("subject")).where(
            cards.c.user_id == VIEWER_ID, not_deleted(cards), ~is_recognition(cards)
        )
        self._several = several.distinct().cte("several")
        self._before = union_all(self._studied(), *map(self._due, (StudyQueue.LEARNING, StudyQueue.REVIEW))).cte(
            "before"
        )

    def waits(self, queue: StudyQueue) -> ColumnElement[bool]:
        """Return whether a sibling was studied on the day, or is due in a queue of higher precedence."""
        before = self._before
        return exists().where(
            before.c.subject == subject(cards), before.c.id != cards.c.id, before.c.place < _number(_PRECEDENCE[queue])
        )

    def waiting(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        """Return whether reviews wait, and whether new cards do. Labels: reviews_wait, new_waits."""
        due = union_all(select(self._before), self._due(StudyQueue.NEW)).subquery("due")

        def wait(place: int) -> ColumnElement[bool]:
            others = func.count(due.c.id.distinct()).filter(due.c.place <= _number(place))
            return (others > _number(1)) & func.bool_or(due.c.place == _number(place))

        by_subject = select(wait(_REVIEW).label("reviews_wait"), wait(_NEW).label("new_waits")).group_by(due.c.subject)
        waiting: CTE = by_subject.cte("waiting")

        def some(name: str) -> ColumnElement[bool]:
            return (
                select(func.coalesce(func.bool_or(waiting.c[name]), literal_column("false"), type_=Boolean))
                .scalar_subquery()
                .label(name)
            )

        return some("reviews_wait"), some("new_waits")

    def _studied(self) -> Select[Any]:
        # The day is the learner's when the review was saved, perhaps in another time zone.
        today = (
            select(reviews.c.card_id)
            .where(
                reviews.c.user_id == VIEWER_ID,
                reviews.c.reviewed_at > NOW - literal_column("interval '3 days'"),
                reviews.c.day == TODAY,
                ~reviews.c.undone,
                reviews.c.rescheduled,
            )
            .distinct()
            .subquery("answered")
        )
        studied = select(*_columns(_STUDIED)).join(today, today.c.card_id == cards.c.id)
        return self._of_several(studied.where(cards.c.user_id == VIEWER_ID, not_deleted(cards)))

    def _due(self, queue: StudyQueue) -> Select[Any]:
        is_due = cards.c.due_at < DAY_ENDS_AT if queue is StudyQueue.LEARNING else cards.c.due_at <= NOW
        return self._of_several(self._matching(*_columns(_PRECEDENCE[queue])).where(is_in(queue), is_due))

    def _of_several(self, statement: Select[Any]) -> Select[Any]:
        return statement.where(subject(cards).in_(select(self._several.c.subject)))


def first_of_siblings(queue: Select[Any], limit: ColumnElement[int]) -> Select[Any]:
    """Return the first cards of a queue, of siblings the first one.

    `queue`: with the columns id, rank and subject, in the order of rank and id.
    """
    # The first cards of as many subjects are among these, because no subject has more cards than there are kinds.
    candidates = queue.limit(limit * _number(len(CardKind))).subquery("candidates")
    order = (candidates.c.rank, candidates.c.id)
    place = func.row_number().over(partition_by=candidates.c.subject, order_by=order).label("place")
    numbered = select(candidates.c.id, candidates.c.rank, place).subquery("numbered")
    return (
        select(numbered.c.id, numbered.c.rank)
        .where(numbered.c.place == _number(1))
        .order_by(numbered.c.rank, numbered.c.id)
        .limit(limit)
    )


def count_subjects(queue: Select[Any], limit: ColumnElement[int]) -> ColumnElement[int]:
    """Return the number of subjects in a queue, at most the limit. `queue`: with the column subject."""
    candidates = queue.limit(limit * _number(len(CardKind))).subquery("candidates")
    count = select(func.count(candidates.c.subject.distinct())).scalar_subquery()
    return cast(func.least(count, limit), Integer)


def _columns(place: int) -> tuple[ColumnElement[Any], ...]:
    return subject(cards).label("subject"), cards.c.id, _number(place).label("place")


def _number(value: int) -> ColumnElement[int]:
    return literal_column(str(value), Integer)
