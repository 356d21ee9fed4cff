"""Statements that suspend leeches and resume those that are no longer leeches."""

from collections.abc import Iterable

from sqlalchemy import Integer, and_, bindparam, false, or_, update
from sqlalchemy.dialects.postgresql import UUID

from db.commands.cards import CHANGE, LEECH_MARKS
from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Row
from db.queries.cards import CardRow
from db.queries.expressions import VIEWER_ID, row_columns
from db.tables.cards import cards
from domain.ids import CardId

_marked = UnnestedRows("marked", {"id": UUID(), "marks": Integer()})
_exceeds = _marked.table.c.marks > cards.c.dismissed_leech_marks
# Suspends cards with more marks than the learner dismissed. Resumes those that it suspended and that have no more.
suspend_leeches = Command(
    update(cards)
    .values(suspended=_exceeds, suspended_as_leech=_exceeds, **CHANGE)
    .where(
        cards.c.id == _marked.table.c.id,
        cards.c.user_id == VIEWER_ID,
        or_(and_(_exceeds, ~cards.c.suspended), and_(~_exceeds, cards.c.suspended_as_leech)),
    )
    .returning(*row_columns(cards, CardRow)),
    CardRow,
)


def mark_values(marks: Iterable[tuple[CardId, int]]) -> dict[str, list[object]]:
    """Return the parameters of `suspend_leeches` for pairs of card id and number of marks."""
    return _marked.values(marks)


_is_leech, _was_leech = (
    cards.c.lapses >= bindparam(name, type_=Integer) for name in ("threshold", "earlier_threshold")
)
# After a change of the rule: only new marks suspend cards. Parameters: threshold, earlier_threshold.
dismiss_marks = Command(
    update(cards)
    .values(dismissed_leech_marks=LEECH_MARKS, suspended_as_leech=false(), **CHANGE)
    .where(
        cards.c.user_id == VIEWER_ID,
        or_(cards.c.dismissed_leech_marks != LEECH_MARKS, cards.c.suspended_as_leech, _is_leech != _was_leech),
    ),
    Row,
)
