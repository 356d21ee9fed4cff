"""Pairs of cards, of which the second gets what belongs to the first, for statements that move rows of merged cards."""

from collections.abc import Iterable

from sqlalchemy.dialects.postgresql import UUID

from db.commands.unnest import UnnestedRows
from domain.ids import CardId

_moved = UnnestedRows("moved", {"from_id": UUID(), "to_id": UUID()})
MOVED = _moved.table


def moved_values(cards: Iterable[tuple[CardId, CardId]]) -> dict[str, list[object]]:
    """Return the parameters of statements with `MOVED` for pairs of the present and the new card."""
    return _moved.values(cards)
