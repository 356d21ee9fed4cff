"""Statements that lock, change and insert cards."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import (
    Boolean,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.commands.json_rows import JsonRows
from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Row
from db.queries.cards import CardRow
from db.queries.expressions import IDS, VIEWER_ID, any_of, not_deleted, row_columns
from db.tables.base import Timestamp
from db.tables.cards import card_contexts, cards, reviews
from db.tables.users import user_settings
from db.tables.vocabulary import vocabulary
from domain.card_context import CardContext
from domain.enums import CardKind, CardState, LeechAction, Scheduler
from domain.ids import CardId, KanjiId, VocabularyId, new_id
from domain.leeches import LeechRule
from domain.scheduling import Schedule, SchedulingAlgorithm, SchedulingSettings, algorithm

_STATES = {state.value: state for state in CardState}
_get_schedule = itemgetter(*Schedule._fields)


class LockedCardRow(CardRow):
    """A card whose row is locked until the end of the transaction, with the study settings of its user."""

    __slots__ = ()
    first_reviewed_at: datetime | None
    last_entry_at: datetime | None
    deleted_at: datetime | None
    settings: str
    vacation_at: datetime | None

    @property
    def algorithm(self) -> SchedulingAlgorithm:
        return _algorithm(self.settings)

    @property
    def newest_entry_at(self) -> datetime | None:
        """The time of the newest log entry of the card or of all cards, which may be in the future."""
        entry_at, vacation_at = self.last_entry_at, self.vacation_at
        if entry_at is None or vacation_at is None:
            return entry_at or vacation_at
        return max(entry_at, vacation_at)

    @property
    def schedule(self) -> Schedule:
        """The complete state."""
        state, *values = _get_schedule(self)
        return Schedule(_STATES[state], *values)

    @property
    def leech_rule(self) -> LeechRule:
        return _leech_rule(self.settings)

    @property
    def streak_freezes_per_month(self) -> int:
        return _streak_freezes(self.settings)

    @property
    def new(self) -> Schedule:
        """Return the schedule before the first review."""
        return Schedule.initial(self.created_at)


@lru_cache(maxsize=1_024)
def _algorithm(settings: str) -> SchedulingAlgorithm:
    """The algorithm of settings as JSON: a cached string costs less than columns on every row of a batch."""
    values: dict[str, Any] = orjson.loads(settings)
    return algorithm(
        SchedulingSettings(
            Scheduler(values["scheduler"]),
            values["desired_retention"],
            values["time_zone"],
            values["day_starts_at_hour"],
            tuple(values["learning_steps"]),
            tuple(values["relearning_steps"]),
            values["max_interval_days"],
            tuple(values["fsrs_parameters"] or ()),
            tuple(values["easy_days"]),
        )
    )


@lru_cache(maxsize=1_024)
def _leech_rule(settings: str) -> LeechRule:
    values: dict[str, Any] = orjson.loads(settings)
    return LeechRule(values["leech_threshold"], LeechAction(values["leech_action"]))


@lru_cache(maxsize=1_024)
def _streak_freezes(settings: str) -> int:
    number: int = orjson.loads(settings)["streak_freezes_per_month"]
    return number


# All transactions lock the settings first and then cards in the order of their ids, which excludes deadlocks. Reviews
# lock the settings in share mode; a change of the settings waits for running reviews and blocks new ones.
_SETTINGS = (
    *("scheduler", "desired_retention", "time_zone", "day_starts_at_hour", "learning_steps", "relearning_steps"),
    *("max_interval_days", "fsrs_parameters", "easy_days", "streak_freezes_per_month"),
    *("leech_threshold", "leech_action"),
)
_json = func.json_build_object(*(part for name in _SETTINGS for part in (text(f"'{name}'"), user_settings.c[name])))
_settings = (
    select(cast(_json, Text).label("settings"), user_settings.c.vacation_at)
    .where(user_settings.c.user_id == VIEWER_ID)
    .with_for_update(read=True)
    .cte("settings")
    .prefix_with("materialized")
)
locked_with_deleted = (
    select(*row_columns(cards, CardRow), *row_columns(cards, LockedCardRow), *_settings.c)
    .where(cards.c.user_id == VIEWER_ID)
    .order_by(cards.c.id)
    .with_for_update(key_share=True, of=cards)
)
locked_cards = locked_with_deleted.where(not_deleted(cards))
lock_cards = Command(locked_cards.where(any_of(cards.c.id, IDS)), LockedCardRow)

# Also deleted ones: a learner has one card of a word. Parameter: ids, of words.
lock_cards_of_words = Command(locked_with_deleted.where(any_of(cards.c.vocabulary_id, IDS)), LockedCardRow)

# Parameter: review_ids.
lock_cards_of_reviews = Command(
    locked_cards.where(
        cards.c.id.in_(
            select(reviews.c.card_id).where(
                any_of(reviews.c.id, bindparam("review_ids", type_=ARRAY(UuidType))), reviews.c.user_id == VIEWER_ID
            )
        )
    ),
    LockedCardRow,
)

# Cards with log entries, in batches by id; also deleted ones, which can be restored. Parameters: after_id, limit.
lock_reviewed_cards = Command(
    locked_with_deleted.where(
        cards.c.last_entry_at.is_not(None), cards.c.id > bindparam("after_id", type_=UuidType)
    ).limit(bindparam("limit", type_=Integer)),
    LockedCardRow,
)

_SCHEDULE = Schedule._fields
_schedules = JsonRows("schedules", {"id": UuidType(), **{name: cards.c[name].type for name in _SCHEDULE}})
CHANGE = {"version": cards.c.version + 1, "updated_at": func.now()}
schedule_update = (
    update(cards)
    .values(**{name: _schedules.table.c[name] for name in _SCHEDULE}, **CHANGE)
    .where(cards.c.id == _schedules.table.c.id, cards.c.user_id == VIEWER_ID)
)
update_schedules = Command(schedule_update, Row)


def schedule_values(schedules: Iterable[tuple[CardId, Schedule]]) -> dict[str, str]:
    """Return the parameters of `schedule_update` for pairs of card id and schedule."""
    return {"schedules": _schedules.value({"id": id, **schedule._asdict()} for id, schedule in schedules)}


_THRESHOLD = bindparam("threshold", type_=Integer)
# As in `LeechRule.marks`: the integers are divided without remainders. Parameter: threshold.
LEECH_MARKS = case(
    (or_(literal_column("0") == _THRESHOLD, cards.c.lapses < _THRESHOLD), literal_column("0")),
    else_=literal_column("1") + (cards.c.lapses - _THRESHOLD) // ((_THRESHOLD + 1) // literal_column("2", Integer)),
)

# Due days start at another time after a change of the time zone or of the hour at which days start.
move_due_days = Command(
    text("""
update cards
set due_at = (due_day + make_interval(hours => day_starts_at_hour)) at time zone time_zone,
    version = cards.version + 1, updated_at = now()
from user_settings
where cards.user_id = :viewer_id and user_settings.user_id = :viewer_id and due_day is not null
""").bindparams(VIEWER_ID),
    Row,
)

_SUSPENDED_NOW = bindparam("suspended_now", type_=Boolean)
# Skips cards that already have the state. Who resumes a leech dismisses its marks. Parameters: ids, suspended_now, and
# threshold, of leeches.
suspend_cards = Command(
    update(cards)
    .values(
        suspended=_SUSPENDED_NOW,
        suspended_as_leech=false(),
        dismissed_leech_marks=case((_SUSPENDED_NOW, cards.c.dismissed_leech_marks), else_=LEECH_MARKS),
        **CHANGE,
    )
    .where(
        cards.c.user_id == VIEWER_ID,
        any_of(cards.c.id, IDS),
        or_(cards.c.suspended != _SUSPENDED_NOW, cards.c.suspended_as_leech),
    )
    .returning(*row_columns(cards, CardRow)),
    CardRow,
)

_with_word = UnnestedRows(
    "with_word",
    {"id": UuidType(), "vocabulary_id": UuidType(), "suspended": cards.c.suspended.type, "deleted_at": Timestamp},
)
change_words = Command(
    update(cards)
    .values(
        vocabulary_id=_with_word.table.c.vocabulary_id,
        suspended=_with_word.table.c.suspended,
        suspended_as_leech=and_(cards.c.suspended_as_leech, _with_word.table.c.suspended),
        deleted_at=_with_word.table.c.deleted_at,
        **CHANGE,
    )
    .where(cards.c.id == _with_word.table.c.id, cards.c.user_id == VIEWER_ID),
    Row,
)


def word_values(cards: Iterable[tuple[CardId, VocabularyId, bool, datetime | None]]) -> dict[str, list[object]]:
    """Return the parameters of `change_words`: card id, word, whether the card is suspended, when it was deleted."""
    return _with_word.values(cards)


# With their reviews, immediately. Parameter: ids.
purge_cards = Command(delete(cards).where(cards.c.user_id == VIEWER_ID, any_of(cards.c.id, IDS)), Row)

# Sorted by word, kanji and kind, so that concurrent inserts cannot deadlock. A word in kana has no card that asks its
# reading.
_NEW = ("id", "vocabulary_id", "kanji_id", "kind", "created_at", *_SCHEDULE)
_new = UnnestedRows("new", {name: cards.c[name].type for name in _NEW})
_asks_kana = and_(
    _new.table.c.kind == literal_column(f"'{CardKind.READING}'"),
    exists().where(vocabulary.c.id == _new.table.c.vocabulary_id, vocabulary.c.word == vocabulary.c.reading),
)
insert_cards = Command(
    insert(cards)
    .from_select(
        [*_NEW, "user_id"],
        select(*_new.table.c, VIEWER_ID)
        .where(~_asks_kana)
        .order_by(*(_new.table.c[name] for name in ("vocabulary_id", "kanji_id", "kind"))),
    )
    .on_conflict_do_nothing()
    .returning(*row_columns(cards, CardRow)),
    CardRow,
)


# Of cards that have none. Parameters: those of `context_values`.
_context = UnnestedRows(
    "context", {"vocabulary_id": UuidType(), "text": Text(), "book_id": UuidType(), "page": Integer()}
)
insert_contexts = Command(
    insert(card_contexts)
    .from_select(
        ["card_id", "user_id", "text", "book_id", "page"],
        select(cards.c.id, VIEWER_ID, _context.table.c.text, _context.table.c.book_id, _context.table.c.page)
        .select_from(_context.table.join(cards, cards.c.vocabulary_id == _context.table.c.vocabulary_id))
        .where(cards.c.user_id == VIEWER_ID)
        .order_by(cards.c.id),
    )
    .on_conflict_do_nothing(index_elements=["card_id"]),
    Row,
)

# For cards that are merged: the context of the first merged card that has one. Parameters: those of `moved_contexts`.
_moved = UnnestedRows("moved", {"from_id": UuidType(), "to_id": UuidType()})
move_contexts = Command(
    insert(card_contexts)
    .from_select(
        ["card_id", "user_id", "text", "book_id", "page"],
        select(
            _moved.table.c.to_id,
            card_contexts.c.user_id,
            card_contexts.c.text,
            card_contexts.c.book_id,
            card_contexts.c.page,
        )
        .select_from(_moved.table.join(card_contexts, card_contexts.c.card_id == _moved.table.c.from_id))
        .where(card_contexts.c.user_id == VIEWER_ID)
        .order_by(_moved.table.c.from_id),
    )
    .on_conflict_do_nothing(index_elements=["card_id"]),
    Row,
)


def context_values(contexts: Iterable[CardContext]) -> dict[str, list[object]]:
    """Return the parameters of `insert_contexts`."""
    return _context.values((value.vocabulary_id, value.text, value.book_id, value.page) for value in contexts)


def moved_contexts(replaced: Iterable[tuple[CardId, CardId]]) -> dict[str, list[object]]:
    """Return the parameters of `move_contexts` for the ids of merged cards and of those that remain."""
    return _moved.values(replaced)


def new_card_values(
    subjects: Iterable[VocabularyId | KanjiId], kind: CardKind, now: datetime, *, kanji: bool = False
) -> dict[str, list[object]]:
    """Return the parameters of `insert_cards` for a card per word or kanji, due immediately."""
    schedule = Schedule.initial(now)
    return _new.values(
        (new_id(), None if kanji else id, id if kanji else None, kind.value, now, *schedule) for id in subjects
    )
