"""Statements that lock the cards of imported notes, and what cards that are not in the database yet need."""

from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UuidType

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


def _cards_of(column: ColumnElement[Any], ids: ColumnElement[Any]) -> Select[Any]:
    """Return the cards of subjects, each searched for by learner and subject: see `schedule_update`."""
    unnested = func.unnest(ids).column_valued()
    wanted = select(VIEWER_ID.label("user_id"), unnested.label("id")).cte().prefix_with("materialized")
    return select(cards.c.user_id, cards.c.id).where(cards.c.user_id == wanted.c.user_id, column == wanted.c.id)


_of_subjects = (
    union_all(
        _cards_of(cards.c.vocabulary_id, IDS),
        _cards_of(cards.c.kanji_id, bindparam("kanji_ids", type_=ARRAY(UuidType))),
        _cards_of(cards.c.custom_vocabulary_id, bindparam("own_ids", type_=ARRAY(UuidType))),
    )
    .cte("of_subjects")
    .prefix_with("materialized")
)
# Also deleted ones, which imports restore. Parameters: ids, kanji_ids, own_ids; each without duplicates.
lock_cards_of_subjects = Command(
    locked_rows.where(cards.c.user_id == _of_subjects.c.user_id, cards.c.id == _of_subjects.c.id), LockedCardRow
)
