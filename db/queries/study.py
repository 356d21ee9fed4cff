"""Queries for study sessions. The index `ix_cards_study` has the queues of a learner."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Double,
    FromClause,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    extract,
    func,
    literal_column,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import UUID

from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.statement import Query, Row
from db.queries.cards import CardRow
from db.queries.expressions import NOW, VIEWER_ID, level_filter, not_deleted, row_columns
from db.tables.base import Timestamp
from db.tables.books import book_vocabulary, books
from db.tables.cards import cards
from db.tables.textbooks import chapter_vocabulary, chapters
from db.tables.vocabulary import vocabulary
from domain.enums import CardState, JlptLevel, NewCardOrder, Scheduler, StudyQueue
from domain.ids import BookId, ChapterId


class StudyCountsRow(Row):
    """The number of cards in each queue, of `new` and `reviews` at most the given limit.

    `next_due_at`: when the next card becomes due that is not counted.
    """

    __slots__ = ()
    new: int
    learning: int
    reviews: int
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
    jlpt_levels: list[JlptLevel] | None = level_filter(
        "Only words of these levels.", join=(vocabulary, vocabulary.c.id == cards.c.vocabulary_id)
    )
    chapter_id: ChapterId | None = filter_field(Filter("Only words of this chapter.", _is_in_chapter, UUID))
    book_id: BookId | None = filter_field(Filter("Only words of this book.", _is_in_book, UUID))


_AHEAD = bindparam("ahead", type_=Timestamp)
_FIRST = bindparam("first", type_=Integer)
_NEW_LIMIT, _REVIEW_LIMIT = (bindparam(name, type_=Integer) for name in ("new_limit", "review_limit"))
_TODAY = bindparam("today", type_=Date)
_SEED = bindparam("seed", type_=BigInteger)


def _is_in(queue: StudyQueue) -> ColumnElement[bool]:
    return cards.c.queue == literal_column(f"'{queue}'")


def _matching(filter: StudyFilter, *columns: ColumnElement[Any]) -> Select[Any]:
    own = (
        select(*columns).select_from(cards).where(cards.c.user_id == VIEWER_ID, not_deleted(cards), ~cards.c.suspended)
    )
    return filter.apply(own, cards)


def _count(cards: Select[Any], name: str) -> ColumnElement[int]:
    return select(cast(func.count(), Integer)).select_from(cards.subquery()).scalar_subquery().label(name)


@cache_by_variant
def study_counts(filter: StudyFilter) -> Query[StudyCountsRow]:
    """The sizes of the queues. Parameters: those of the filter, viewer_id, now, ahead, new_limit and review_limit.

    `ahead`: the end of the learn-ahead window. A limit that is None does not limit.
    """
    due = _matching(filter, cards.c.id).where(cards.c.due_at <= NOW)
    learning = _matching(filter, cards.c.id).where(_is_in(StudyQueue.LEARNING), cards.c.due_at <= _AHEAD)
    is_later = or_(cards.c.due_at > _AHEAD, cards.c.queue != literal_column(f"'{StudyQueue.LEARNING}'"))
    later = _matching(filter, cards.c.due_at).where(cards.c.due_at > NOW, is_later)
    statement = select(
        _count(due.where(_is_in(StudyQueue.NEW)).limit(_NEW_LIMIT), "new"),
        _count(learning, "learning"),
        _count(due.where(_is_in(StudyQueue.REVIEW)).limit(_REVIEW_LIMIT), "reviews"),
        later.order_by(cards.c.due_at).limit(1).scalar_subquery().label("next_due_at"),
    )
    return Query(statement, StudyCountsRow, rls_scoped=True)


def _risk(scheduler: Scheduler) -> ColumnElement[Any]:
    """The higher, the more urgent a review.

    With FSRS, days since the last review by stability: retrievability falls as this ratio grows, whatever the decay.
    With SM-2, overdue days by interval.
    """
    since, by = cards.c.due_day, cards.c.interval_days
    if scheduler is Scheduler.FSRS:
        since, by = cards.c.last_reviewed_day, cards.c.stability
    at_least = func.greatest(func.coalesce(by, cards.c.interval_days), literal_column("0.001"), type_=Double)
    return cast(_TODAY - since, Double) / at_least


@cache_by_variant
def study_cards(filter: StudyFilter, scheduler: Scheduler, order: NewCardOrder) -> Query[StudyCardRow]:
    """The first cards of each queue, in the order of their queue.

    Parameters: those of the filter, viewer_id, now, ahead, today, seed, first, new_limit and review_limit.
    """

    def queue(queue: StudyQueue, until: ColumnElement[Any], rank: ColumnElement[float]) -> Select[Any]:
        """Cards that are due until a time. `rank`: the lower, the earlier in the queue."""
        return _matching(filter, cards.c.id, rank.label("rank")).where(_is_in(queue), cards.c.due_at <= until)

    due_at = extract("epoch", cards.c.due_at).cast(Double)
    by_time, by_rank = (cards.c.due_at, cards.c.id), (text("rank"), cards.c.id)
    learning = queue(StudyQueue.LEARNING, _AHEAD, due_at).order_by(*by_time).limit(_FIRST)
    reviews = queue(StudyQueue.REVIEW, NOW, -_risk(scheduler)).order_by(*by_rank).limit(_REVIEW_LIMIT)
    if order is NewCardOrder.AS_ADDED:
        new = queue(StudyQueue.NEW, NOW, due_at).order_by(*by_time)
    elif order is NewCardOrder.RANDOM:
        new = queue(StudyQueue.NEW, NOW, func.uuid_hash_extended(cards.c.id, _SEED).cast(Double)).order_by(*by_rank)
    else:
        # Popularity is by level first. As a join, the planner would read all words of the dictionary.
        word = vocabulary.alias("word")
        popularity = select(word.c.popularity).where(word.c.id == cards.c.vocabulary_id).correlate(cards)
        rank = -cast(popularity.scalar_subquery(), Double)
        new = queue(StudyQueue.NEW, NOW, rank).order_by(*by_rank)
    queues = (learning, reviews, new.limit(_NEW_LIMIT))
    first = union_all(*(cards.subquery().select() for cards in queues)).subquery("first")
    statement = (
        select(*row_columns(cards, CardRow), cards.c.queue)
        .join(first, first.c.id == cards.c.id)
        .where(cards.c.user_id == VIEWER_ID, not_deleted(cards))
        .order_by(first.c.rank, first.c.id)
    )
    return Query(statement, StudyCardRow, rls_scoped=True)
