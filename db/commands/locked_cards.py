"""Statements that lock cards, and what a locked card knows of its learner's settings."""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UuidType
from sqlalchemy.types import TypeEngine

from db.core.statement import Command, Query
from db.queries.cards import CardRow
from db.queries.expressions import IDS, VIEWER_ID, any_of, not_deleted, row_columns
from db.queries.users import parse_earlier_days
from db.tables.cards import cards
from db.tables.reviews import reviews, schedule_changes
from db.tables.users import user_settings
from domain.enums import CardState, LeechAction, ScheduleChangeKind, Scheduler
from domain.leeches import LeechRule
from domain.scheduling import Schedule, SchedulingAlgorithm, SchedulingSettings, algorithm

_parse_time, _parse_day = datetime.fromisoformat, date.fromisoformat

_STATES = {state.value: state for state in CardState}
_SCHEDULE_SIZE = len(Schedule._fields)


class LockedCardRow(CardRow):
    """A card whose row is locked until the end of the transaction, with the study settings of its user.

    Times and days are text in its columns, which its attributes parse: asyncpg takes half a microsecond for a time,
    five times as long as for parsing text.
    """

    __slots__ = ()
    first_reviewed_at: datetime | None
    last_entry_at: datetime | None
    deleted_at: datetime | None
    settings: str
    vacation_at: datetime | None

    @property
    def algorithm(self) -> SchedulingAlgorithm:
        return algorithm_of(self.settings)

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
        # Its columns are the first ones.
        return _parse_schedule(self[:_SCHEDULE_SIZE])

    @property
    def leech_rule(self) -> LeechRule:
        return leech_rule_of(self.settings)

    @property
    def streak_freezes_per_month(self) -> int:
        return _streak_freezes(self.settings)

    @property
    def new(self) -> Schedule:
        """Return the schedule before the first review."""
        return Schedule.initial(self.created_at)


def _parse_schedule(columns: tuple[Any, ...]) -> Schedule:
    # One assignment takes half as long as one with a list of others.
    (
        state,
        due_at,
        due_day,
        interval,
        ease,
        stability,
        difficulty,
        step,
        repetitions,
        lapses,
        first_reviewed_at,
        last_reviewed_at,
        last_reviewed_day,
        last_entry_at,
    ) = columns
    return tuple.__new__(
        Schedule,
        (
            _STATES[state],
            _parse_time(due_at),
            due_day and _parse_day(due_day),
            interval,
            ease,
            stability,
            difficulty,
            step,
            repetitions,
            lapses,
            first_reviewed_at and _parse_time(first_reviewed_at),
            last_reviewed_at and _parse_time(last_reviewed_at),
            last_reviewed_day and _parse_day(last_reviewed_day),
            last_entry_at and _parse_time(last_entry_at),
        ),
    )


def _parsed(name: str, parse: Callable[[str], object]) -> property:
    def value(row: LockedCardRow) -> object:
        text: str | None = row[name]
        return None if text is None else parse(text)

    return property(value)


class MergedCardRow(LockedCardRow):
    """A locked card that may be merged with others."""

    __slots__ = ()
    suspended_as_leech: bool
    dismissed_leech_marks: int


@lru_cache(maxsize=1_024)
def algorithm_of(settings: str) -> SchedulingAlgorithm:
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
            earlier_days=parse_earlier_days(values["earlier_days"]),
        )
    )


@lru_cache(maxsize=1_024)
def leech_rule_of(settings: str) -> LeechRule:
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
    *("max_interval_days", "fsrs_parameters", "easy_days", "earlier_days", "streak_freezes_per_month"),
    *("leech_threshold", "leech_action"),
)
_json = func.json_build_object(*(part for name in _SETTINGS for part in (text(f"'{name}'"), user_settings.c[name])))
study_settings = select(cast(_json, Text).label("settings"), user_settings.c.vacation_at).where(
    user_settings.c.user_id == VIEWER_ID
)
locked_settings = study_settings.with_for_update(read=True).cte("settings").prefix_with("materialized")
_names = (*Schedule._fields, *CardRow.__annotations__, *LockedCardRow.__annotations__)
_card_columns = [cards.c[name] for name in dict.fromkeys(_names) if name in cards.c]
_PARSERS: dict[type[TypeEngine[Any]], Callable[[str], object]] = {DateTime: _parse_time, Date: _parse_day}
for _column in (*_card_columns, *locked_settings.c):
    if _parse := _PARSERS.get(type(_column.type)):
        setattr(LockedCardRow, _column.name, _parsed(_column.name, _parse))


def _as_text(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a time or a day as text of ISO 8601, whatever the format of the session is."""
    if type(column.type) not in _PARSERS:
        return column
    return func.to_json(column).op("#>>")(text("'{}'")).label(column.name)


def columns_with(settings: FromClause) -> list[ColumnElement[Any]]:
    """Return the columns of a `LockedCardRow`. `settings`: with those of `study_settings`."""
    return [*map(_as_text, (*_card_columns, *settings.c))]


locked_rows = select(*columns_with(locked_settings)).order_by(cards.c.id).with_for_update(key_share=True, of=cards)
locked_with_deleted = locked_rows.where(cards.c.user_id == VIEWER_ID)
locked_cards = locked_with_deleted.where(not_deleted(cards))
lock_cards = Command(locked_cards.where(any_of(cards.c.id, IDS)), LockedCardRow)

# Also deleted ones, which keep their place: a learner has one card of a word and kind. Parameter: ids, of words.
lock_cards_of_words = Command(
    locked_with_deleted.add_columns(*row_columns(cards, MergedCardRow)).where(any_of(cards.c.vocabulary_id, IDS)),
    MergedCardRow,
)

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


_AFTER_ID, _LIMIT = bindparam("after_id", type_=UuidType), bindparam("limit", type_=Integer)


def _batch(*conditions: ColumnElement[bool]) -> Command[LockedCardRow]:
    return Command(
        locked_with_deleted.where(*conditions, cards.c.id > _AFTER_ID).limit(_LIMIT),
        LockedCardRow,
    )


_has_log = cards.c.last_entry_at.is_not(None)
# Cards with log entries, in batches by id; also deleted ones, which can be restored. Parameters: after_id, limit.
lock_reviewed_cards = _batch(_has_log)
# The same cards, which are not locked.
_read_settings = study_settings.cte("settings").prefix_with("materialized")
read_reviewed_cards = Query(
    select(*columns_with(_read_settings))
    .where(cards.c.user_id == VIEWER_ID, _has_log, cards.c.id > _AFTER_ID)
    .order_by(cards.c.id)
    .limit(_LIMIT),
    LockedCardRow,
    rls_scoped=True,
)

# Those of them without a due day that may be buried until the start of a day. Parameters: as above.
_is_reviewed_since = cards.c.last_reviewed_at > schedule_changes.c.changed_at
lock_buried_cards = _batch(
    cards.c.due_day.is_(None),
    cards.c.id.in_(
        select(schedule_changes.c.card_id).where(
            schedule_changes.c.user_id == VIEWER_ID,
            schedule_changes.c.kind == literal_column(f"'{ScheduleChangeKind.BURY}'"),
            ~schedule_changes.c.undone,
            func.coalesce(~_is_reviewed_since, true()),
        )
    ),
)
