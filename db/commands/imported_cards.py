"""Statements that lock the cards of imported notes, and what cards that are not in the database yet need."""

from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.commands.cards import is_of_learner
from db.commands.locked_cards import LockedCardRow, algorithm_of, leech_rule_of, locked_rows, locked_settings
from db.core.statement import Command, Row
from db.queries.expressions import IDS, VIEWER_ID
from db.tables.cards import cards
from domain.leeches import LeechRule
from domain.scheduling import SchedulingAlgorithm


class LearnerSettingsRow(Row):
    """The study settings of a learner, for cards that are not in the database yet."""

    __slots__ = ()
    settings: str

    @property
    def algorithm(self) -> SchedulingAlgorithm:
        return algorithm_of(self.settings)

    @property
    def leech_rule(self) -> LeechRule:
        return leech_rule_of(self.settings)


# Of the viewer.
learner_settings = Command(select(locked_settings.c.settings), LearnerSettingsRow)


def _cards_of(column: ColumnElement[Any], ids: ColumnElement[Any], is_distributed: bool) -> Select[Any]:
    """Return the cards of subjects, each searched for by learner and subject: see `_schedules`."""
    unnested = func.unnest(ids).column_valued()
    wanted = select(VIEWER_ID.label("user_id"), unnested.label("id")).cte().prefix_with("materialized")
    is_wanted = (*is_of_learner(wanted, is_distributed), column == wanted.c.id)
    return select(cards.c.user_id, cards.c.id).where(*is_wanted)


def _lock(is_distributed: bool) -> Select[Any]:
    kanji_ids, own_ids = (bindparam(name, type_=ARRAY(UuidType)) for name in ("kanji_ids", "own_ids"))
    of_subjects = (
        union_all(
            _cards_of(cards.c.vocabulary_id, IDS, is_distributed),
            _cards_of(cards.c.kanji_id, kanji_ids, is_distributed),
            _cards_of(cards.c.custom_vocabulary_id, own_ids, is_distributed),
        )
        .cte("of_subjects")
        .prefix_with("materialized")
    )
    return locked_rows.where(*is_of_learner(of_subjects, is_distributed), cards.c.id == of_subjects.c.id)


# Also deleted ones, which imports restore. Parameters: ids, kanji_ids, own_ids; each without duplicates.
lock_cards_of_subjects = Command.with_variant(_lock, LockedCardRow)
