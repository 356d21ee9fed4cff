"""Resolver of study sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import strawberry

from db.queries.cram import cram_cards, cram_counts
from db.queries.learner_days import answered_since
from db.queries.study import StudyCardRow, StudyFilter, study_cards, study_counts
from db.queries.study_limits import StudyLimitsRow, study_limits
from domain.enums import CardKind, CardState, JlptLevel, NewCardMix, NewCardOrder, Scheduler, StudyQueue
from domain.errors import BadUserInput, NotFound
from domain.ids import BookId, ChapterId, UserId, parse_global_id_as
from domain.pages import page_arguments
from domain.ranges import check_range
from domain.study_sessions import (
    DEFAULT_LEARN_AHEAD_MINUTES,
    MAX_LEARN_AHEAD_MINUTES,
    mix_evenly,
    random_order_seed,
)
from domain.viewer import Viewer
from resolvers.context import Info


@dataclass(kw_only=True)
class StudySessionFilter:
    state: CardState | None = None
    kinds: list[CardKind] | None = None
    jlpt_levels: list[JlptLevel] | None = None
    chapter_id: strawberry.ID | None = None
    book_id: strawberry.ID | None = None
    tags: list[str] | None = None
    ignore_limits: bool = False
    cram: bool = False
    cram_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class StudySession:
    """The cards to study and how many are left today."""

    limits: StudyLimitsRow
    cards: list[StudyCardRow]
    new_left: int
    learning_left: int
    reviews_left: int
    next_due_at: datetime | None


async def study_session(
    parent: strawberry.Parent[Viewer],
    info: Info,
    first: int | None = None,
    filter: StudySessionFilter | None = None,
    learn_ahead_minutes: int | None = DEFAULT_LEARN_AHEAD_MINUTES,
) -> StudySession:
    """Raises BadUserInput as `find_session` does."""
    return await find_session(info, parent.id, first, filter, learn_ahead_minutes)


async def find_session(
    info: Info,
    user_id: UserId,
    first: int | None = None,
    filter: StudySessionFilter | None = None,
    learn_ahead_minutes: int | None = DEFAULT_LEARN_AHEAD_MINUTES,
) -> StudySession:
    """Three statements: what the day still allows, the sizes of the queues, and the cards.

    Raises BadUserInput for `first` outside 1..100, `learn_ahead_minutes` outside 0..1439, an id of another type, or
    `cram_since` without `cram`.
    """
    size, now = page_arguments(first).size, info.context.now
    filter = filter or StudySessionFilter()
    cards = _card_filter(filter)
    values = {
        **cards.parameters(),
        "viewer_id": user_id,
        "now": now,
        "ahead": now + timedelta(minutes=_minutes(learn_ahead_minutes)),
    }
    since = answered_since(now)
    limits = await info.context.reads.row(study_limits, viewer_id=user_id, now=now, answered_since=since)
    if limits is None:
        raise NotFound("Settings not found.")
    if filter.cram:
        return await _cram_session(info, user_id, size, cards, filter.cram_since, limits)
    if filter.cram_since is not None:
        raise BadUserInput("cramSince requires cram.")
    new_limit, review_limit = (None, None) if filter.ignore_limits else (limits.new_left, limits.reviews_left)
    # One more than the limit shows whether the limit holds cards back.
    one_more = {
        "new_limit": None if new_limit is None else new_limit + 1,
        "review_limit": None if review_limit is None else review_limit + 1,
    }
    values |= {"today": limits.today, "day_ends_at": limits.day_ends_at, "answered_since": since}
    # Without siblings, the statements are much shorter, and planning takes longer than executing them.
    bury = limits.bury_siblings and limits.may_have_siblings
    counts = await info.context.reads.row(study_counts(cards, bury=bury), **values, **one_more)
    assert counts is not None  # A statement of aggregates has a row.
    new_left, reviews_left = _at_most(counts.new, new_limit), _at_most(counts.reviews, review_limit)
    found = await info.context.reads.rows(
        study_cards(cards, Scheduler(limits.scheduler), NewCardOrder(limits.new_card_order), bury=bury),
        **values,
        seed=random_order_seed(user_id, limits.today),
        first=size,
        new_limit=min(new_left, size),
        review_limit=min(reviews_left, size),
    )
    is_limited = not filter.ignore_limits
    is_held_back = (
        (counts.new > new_left or counts.new_waits) and (limits.new_cards_per_day > 0 or not is_limited)
    ) or ((counts.reviews > reviews_left or counts.reviews_wait) and (limits.reviews_per_day > 0 or not is_limited))
    times = [counts.next_due_at, (limits.vacation_ends_at or limits.day_ends_at) if is_held_back else None]
    return StudySession(
        limits,
        _in_order(found, now, NewCardMix(limits.new_card_mix), reviews_left, new_left)[:size],
        new_left,
        counts.learning,
        reviews_left,
        min((time for time in times if time is not None), default=None),
    )


async def _cram_session(
    info: Info, viewer_id: UserId, size: int, filter: StudyFilter, since: datetime | None, limits: StudyLimitsRow
) -> StudySession:
    """All cards of the filter, due or not: those without an answer since a time, and those answered wrong behind."""
    values = {
        **filter.parameters(),
        "viewer_id": viewer_id,
        "since": limits.day_starts_at if since is None else since,
    }
    counts = await info.context.reads.row(cram_counts(filter), **values)
    assert counts is not None  # A statement of aggregates has a row.
    found = await info.context.reads.rows(
        cram_cards(filter, Scheduler(limits.scheduler), NewCardOrder(limits.new_card_order)),
        **values,
        today=limits.today,
        seed=random_order_seed(viewer_id, limits.today),
        first=size,
    )
    learning, reviews, new = (
        [card for card in found if card.queue == queue]
        for queue in (StudyQueue.LEARNING, StudyQueue.REVIEW, StudyQueue.NEW)
    )
    mix = NewCardMix(limits.new_card_mix)
    unanswered = mix_evenly(reviews, new, mix, review_count=counts.reviews, new_count=counts.new)
    return StudySession(limits, [*unanswered, *learning][:size], counts.new, counts.learning, counts.reviews, None)


def _in_order(
    cards: list[StudyCardRow], now: datetime, mix: NewCardMix, review_count: int, new_count: int
) -> list[StudyCardRow]:
    learning = [card for card in cards if card.queue == StudyQueue.LEARNING]
    reviews = [card for card in cards if card.queue == StudyQueue.REVIEW]
    new = [card for card in cards if card.queue == StudyQueue.NEW]
    return [
        *(card for card in learning if card.due_at <= now),
        *mix_evenly(reviews, new, mix, review_count=review_count, new_count=new_count),
        *(card for card in learning if card.due_at > now),
    ]


def _card_filter(filter: StudySessionFilter) -> StudyFilter:
    return StudyFilter(
        filter.state,
        filter.kinds,
        filter.jlpt_levels,
        None if filter.chapter_id is None else parse_global_id_as(ChapterId, filter.chapter_id),
        None if filter.book_id is None else parse_global_id_as(BookId, filter.book_id),
        filter.tags,
    )


def _minutes(value: int | None) -> int:
    if value is None:
        return DEFAULT_LEARN_AHEAD_MINUTES
    check_range("learnAheadMinutes", value, 0, MAX_LEARN_AHEAD_MINUTES)
    return value


def _at_most(count: int, limit: int | None) -> int:
    return count if limit is None else min(count, limit)
