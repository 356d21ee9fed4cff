"""Queries for study sessions. The index `ix_cards_study` has the queues of a learner."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    Case,
    ColumnElement,
    Double,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    bindparam,
    case,
    cast,
    extract,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.statement import Query, Row
from db.queries.card_tags import TAG_FILTER
from db.queries.cards import CardRow, has_kind, has_level, own_cards, to_kinds
from db.queries.expressions import NOW, VIEWER_ID, level_filter, not_deleted
from db.queries.siblings import DAY_ENDS_AT, TODAY, Siblings, count_subjects, first_of_siblings, is_in, subject
from db.tables.base import Timestamp
from db.tables.books import book_vocabulary, books
from db.tables.cards import cards
from db.tables.textbooks import chapter_vocabulary, chapters
from domain.enums import CardKind, CardState, JlptLevel, NewCardOrder, Scheduler, StudyQueue
from domain.ids import BookId, ChapterId


class StudyCountsRow(Row):
    """The number of cards in each queue, of `new` and `reviews` at most the given limit.

    `reviews_wait`, `new_waits`: whether a card waits for the next day because of a sibling; false if another one is due
    until then, as nothing depends on it. `next_due_at`: when the next card becomes due that is not counted.
    """

    __slots__ = ()
    new: int
    learning: int
    reviews: int
    reviews_wait: bool
    new_waits: bool
    next_due_at: datetime | None


class StudyCardRow(CardRow):
    """A card of a study session."""

    __slots__ = ()
    queue: StudyQueue


def _is_in_chapter(cards: FromClause, chapter_id: ColumnElement[object]) -> ColumnElement[bool]:
    words = chapter_vocabulary.join(chapters, chapters.c.id == chapter_vocabulary.c.chapter_id)
    chosen = select(chapter_vocabulary.c.vocabulary_id).select_from(words)
    return cards.c.vocabulary_id.in_(chosen.where(chapters.c.id == chapter_id, not_deleted(chapters)))


def _is_in_book(cards: FromClause, book_id: ColumnElement[object]) -> ColumnElement[bool]:
    words = book_vocabulary.join(books, books.c.id == book_vocabulary.c.book_id)
    chosen = select(book_vocabulary.c.vocabulary_id).select_from(words)
    return cards.c.vocabulary_id.in_(chosen.where(books.c.id == book_id, not_deleted(books)))


@dataclass
class StudyFilter(ListFilter):
    """Filters of a study session. Of a chapter or a book that the viewer cannot see there are no cards."""

    state: CardState | None = filter_field(
        Filter("Only cards in this state.", lambda cards, state: cards.c.state == state, Text)
    )
    kinds: list[CardKind] | None = filter_field(
        Filter("Only cards that ask one of these.", has_kind, ARRAY(Text), to_kinds)
    )
    jlpt_levels: list[JlptLevel] | None = level_filter("Only words and kanji of these levels.", has_level=has_level)
    chapter_id: ChapterId | None = filter_field(Filter("Only words of this chapter.", _is_in_chapter, UUID))
    book_id: BookId | None = filter_field(Filter("Only words of this book.", _is_in_book, UUID))
    tags: list[str] | None = filter_field(TAG_FILTER)


_AHEAD = bindparam("ahead", type_=Timestamp)
FIRST = bindparam("first", type_=Integer)
_NEW_LIMIT, _REVIEW_LIMIT = (bindparam(name, type_=Integer) for name in ("new_limit", "review_limit"))
_SEED = bindparam("seed", type_=BigInteger)


def matching_cards(filter: StudyFilter, *columns: ColumnElement[Any]) -> Select[Any]:
    own = (
        select(*columns).select_from(cards).where(cards.c.user_id == VIEWER_ID, not_deleted(cards), ~cards.c.suspended)
    )
    return filter.apply(own, cards)


def _queue(
    filter: StudyFilter, queue: StudyQueue, siblings: Siblings | None, *columns: ColumnElement[Any]
) -> Select[Any]:
    """Reviews or new cards that are due and do not wait for the next day."""
    due = matching_cards(filter, *columns).where(is_in(queue), cards.c.due_at <= NOW)
    return due if siblings is None else due.where(~siblings.waits(queue))


def _count(cards: Select[Any]) -> ColumnElement[int]:
    return select(cast(func.count(), Integer)).select_from(cards.subquery()).scalar_subquery()


@cache_by_variant
def study_counts(filter: StudyFilter, *, bury: bool) -> Query[StudyCountsRow]:
    """The sizes of the queues. Parameters: those of the filter, viewer_id, now, ahead, new_limit and review_limit.

    `bury`: of siblings, only one is counted. Other parameters then: today, day_ends_at and answered_since.
    `ahead`: the end of the learn-ahead window. A limit that is None does not limit.
    """
    siblings = Siblings(partial(matching_cards, filter)) if bury else None
    is_learning = is_in(StudyQueue.LEARNING)

    def count(queue: StudyQueue, limit: ColumnElement[int]) -> ColumnElement[int]:
        if siblings is None:
            return _count(_queue(filter, queue, None, cards.c.id).limit(limit))
        return count_subjects(_queue(filter, queue, siblings, subject(cards).label("subject")), limit)

    learning = matching_cards(filter, cards.c.id).where(is_learning, cards.c.due_at <= _AHEAD)
    later = matching_cards(filter, cards.c.due_at).where(
        cards.c.due_at > NOW, or_(cards.c.due_at > _AHEAD, ~is_learning)
    )
    sizes = (
        select(
            count(StudyQueue.NEW, _NEW_LIMIT).label("new"),
            _count(learning).label("learning"),
            count(StudyQueue.REVIEW, _REVIEW_LIMIT).label("reviews"),
            later.order_by(cards.c.due_at).limit(1).scalar_subquery().label("next_due_at"),
        )
        .cte("sizes")
        .prefix_with("materialized")
    )

    def waits(size: ColumnElement[int], limit: ColumnElement[int], some_waits: ColumnElement[bool]) -> Case[bool]:
        """Evaluated only if the result depends on it: it reads the whole queue, and more cards than the limit wait."""
        return case((sizes.c.next_due_at <= DAY_ENDS_AT, false()), (size >= limit, true()), else_=some_waits)

    reviews_wait: ColumnElement[bool] = false()
    new_waits: ColumnElement[bool] = false()
    if siblings is not None:
        reviews_wait = waits(sizes.c.reviews, _REVIEW_LIMIT, siblings.some_review_waits())
        new_waits = waits(sizes.c.new, _NEW_LIMIT, siblings.some_new_card_waits())
    statement = select(*sizes.c, reviews_wait.label("reviews_wait"), new_waits.label("new_waits"))
    return Query(statement, StudyCountsRow, rls_scoped=True)


def risk(scheduler: Scheduler) -> ColumnElement[Any]:
    """The higher, the more urgent a review.

    With FSRS, days since the last review by stability: retrievability falls as this ratio grows, whatever the decay.
    With SM-2, overdue days by interval.
    """
    since, by = cards.c.due_day, cards.c.interval_days
    if scheduler is Scheduler.FSRS:
        since, by = cards.c.last_reviewed_day, cards.c.stability
    at_least = func.greatest(func.coalesce(by, cards.c.interval_days), literal_column("0.001"), type_=Double)
    return cast(TODAY - since, Double) / at_least


_DUE_AT = extract("epoch", cards.c.due_at).cast(Double)
_BY_TIME, _BY_RANK = (cards.c.due_at, cards.c.id), (text("rank"), cards.c.id)


def new_card_order(order: NewCardOrder) -> tuple[ColumnElement[float], tuple[Any, ...]]:
    """Return the rank of new cards and the expressions that order by it. Parameter of RANDOM: seed."""
    match order:
        case NewCardOrder.AS_ADDED:
            return _DUE_AT, _BY_TIME
        case NewCardOrder.RANDOM:
            return func.uuid_hash_extended(cards.c.id, _SEED).cast(Double), _BY_RANK
        case _:
            # Popularity is by level first. The index `ix_cards_new` has this order.
            return -cast(cards.c.popularity, Double), (cards.c.popularity.desc(), cards.c.id)


@cache_by_variant
def study_cards(filter: StudyFilter, scheduler: Scheduler, order: NewCardOrder, *, bury: bool) -> Query[StudyCardRow]:
    """The first cards of each queue, in the order of their queue. `bury`: of siblings, only one.

    Parameters: those of the filter, viewer_id, now, ahead, today, day_ends_at, answered_since, seed, first, new_limit
    and review_limit.
    """
    siblings = Siblings(partial(matching_cards, filter)) if bury else None

    def queue(
        queue: StudyQueue, rank: ColumnElement[float], order: tuple[Any, ...], limit: ColumnElement[int]
    ) -> Select[Any]:
        """`rank`: the lower, the earlier in the queue."""
        columns = (cards.c.id, rank.label("rank"), subject(cards).label("subject"))
        if siblings is None:
            return _queue(filter, queue, None, *columns[:2]).order_by(*order).limit(limit)
        return first_of_siblings(_queue(filter, queue, siblings, *columns).order_by(*order), limit)

    is_learning = (is_in(StudyQueue.LEARNING), cards.c.due_at <= _AHEAD)
    learning = (
        matching_cards(filter, cards.c.id, _DUE_AT.label("rank")).where(*is_learning).order_by(*_BY_TIME).limit(FIRST)
    )
    reviews = queue(StudyQueue.REVIEW, -risk(scheduler), _BY_RANK, _REVIEW_LIMIT)
    new = queue(StudyQueue.NEW, *new_card_order(order), _NEW_LIMIT)
    first = union_all(*(cards.subquery().select() for cards in (learning, reviews, new))).subquery("first")
    return ranked_cards(first, cards.c.queue)


def ranked_cards(first: Subquery, queue: ColumnElement[str]) -> Query[StudyCardRow]:
    """The cards that `first` has by id and rank, in the order of their ranks, with their queues."""
    statement = own_cards.add_columns(queue).join(first, first.c.id == cards.c.id).order_by(first.c.rank, first.c.id)
    return Query(statement, StudyCardRow, rls_scoped=True)
