"""Which cards of a study session wait until the next day, because a sibling is studied on the day.

Siblings are the cards of one word or kanji. Of those that are due, one is shown: one in learning steps before a review,
a review before a new card, and in a queue the first one. If one was answered on the day, the others wait. Cards in
learning steps never wait, because their time is in minutes.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
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
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.sql.selectable import CTE

from db.queries.expressions import NOW, VIEWER_ID, is_recognition, not_deleted
from db.tables.base import Timestamp
from db.tables.cards import cards
from db.tables.reviews import reviews
from domain.enums import CardKind, StudyQueue

TODAY = bindparam("today", type_=Date)
DAY_ENDS_AT = bindparam("day_ends_at", type_=Timestamp)
ANSWERED_SINCE = bindparam("answered_since", type_=Timestamp)

# Selects the cards of a session, of all queues, with these columns.
Matching = Callable[..., Select[Any]]


def is_in(queue: StudyQueue) -> ColumnElement[bool]:
    return cards.c.queue == literal_column(f"'{queue}'")


def subject(cards: FromClause) -> ColumnElement[Any]:
    """Return the id of the word, kanji or own word of a card."""
    return func.coalesce(cards.c.vocabulary_id, cards.c.kanji_id, cards.c.custom_vocabulary_id, type_=UUID)


class Siblings:
    """The siblings of one statement. Parameters: viewer_id, now, today, day_ends_at and answered_since."""

    def __init__(self, matching: Matching) -> None:
        self._matching = matching
        # One of two siblings does not ask the meaning, and most learners have no such card: then the lists are empty.
        self._is_needed = (
            exists().where(cards.c.user_id == VIEWER_ID, not_deleted(cards), ~is_recognition(cards)).correlate(None)
        )
        self._studied = _studied().where(self._is_needed).cte("studied")
        self._learning = self._due(StudyQueue.LEARNING).cte("learning_siblings")
        self._reviews = self._due(StudyQueue.REVIEW).cte("review_siblings")

    def waits(self, queue: StudyQueue) -> ColumnElement[bool]:
        """Return whether a sibling was studied on the day, or is due in a queue of higher precedence."""
        studied = self._studied
        # A card that was studied is due again if it was reset, and waits if another one was studied, too.
        only_one = func.array_agg(studied.c.id, type_=ARRAY(UUID))[1]
        only = select(only_one).group_by(studied.c.subject).having(func.count() == _number(1))
        is_studied = _is_among(studied) & cards.c.id.not_in(only)
        higher = [self._learning] if queue is StudyQueue.REVIEW else [self._learning, self._reviews]
        return or_(is_studied, *map(_is_among, higher))

    def some_review_waits(self) -> ColumnElement[bool]:
        return _has_siblings(self._reviews) | self._some_waits(StudyQueue.REVIEW)

    def some_new_card_waits(self) -> ColumnElement[bool]:
        # First the condition that is true for learners with two kinds of cards: the other one reads the queue again.
        return _has_siblings(self._due(StudyQueue.NEW).cte("new_siblings")) | self._some_waits(StudyQueue.NEW)

    def _some_waits(self, queue: StudyQueue) -> ColumnElement[bool]:
        due = self._matching(cards.c.id).where(is_in(queue), cards.c.due_at <= NOW, self._is_needed)
        return exists(due.where(self.waits(queue)))

    def _due(self, queue: StudyQueue) -> Select[Any]:
        is_due = cards.c.due_at < DAY_ENDS_AT if queue is StudyQueue.LEARNING else cards.c.due_at <= NOW
        return self._matching(subject(cards).label("subject")).where(is_in(queue), is_due, self._is_needed)


def _studied() -> Select[Any]:
    answered = (
        select(reviews.c.card_id)
        .where(
            reviews.c.user_id == VIEWER_ID,
            reviews.c.reviewed_at > ANSWERED_SINCE,
            reviews.c.day == TODAY,
            ~reviews.c.undone,
            reviews.c.rescheduled,
        )
        .distinct()
        .subquery("answered")
    )
    studied = select(subject(cards).label("subject"), cards.c.id).join(answered, answered.c.card_id == cards.c.id)
    return studied.where(cards.c.user_id == VIEWER_ID, not_deleted(cards))


def _is_among(subjects: CTE) -> ColumnElement[bool]:
    """Return whether the subject of a card is in a list.

    `IS TRUE` keeps it a condition with a hash table. As a join, the planner, which does not know how long the list is,
    may compare each card with each row of it.
    """
    return subject(cards).in_(select(subjects.c.subject)).is_(true())


def _has_siblings(queue: CTE) -> ColumnElement[bool]:
    """Return whether two cards of a queue have one subject."""
    return exists(select(queue.c.subject).group_by(queue.c.subject).having(func.count() > _number(1)))


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
    # `count(DISTINCT …)` sorts.
    subjects = select(candidates.c.subject).distinct().subquery("subjects")
    count = select(func.count()).select_from(subjects).scalar_subquery()
    return cast(func.least(count, limit), Integer)


def _number(value: int) -> ColumnElement[int]:
    return literal_column(str(value), Integer)
