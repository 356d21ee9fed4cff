"""Statements that lock cards, and what a locked card knows of its learner's settings."""

from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import (
    Integer,
    Text,
    bindparam,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.core.statement import Command
from db.queries.cards import CardRow
from db.queries.expressions import IDS, VIEWER_ID, any_of, not_deleted, row_columns
from db.tables.cards import cards, reviews
from db.tables.users import user_settings
from domain.enums import CardState, LeechAction, Scheduler
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

# Also deleted ones, which keep their place: a learner has one card of a word and kind. Parameter: ids, of words.
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
