"""Statements that delete and restore cards."""

from sqlalchemy import Text, bindparam, column, func, literal_column, null, or_, select, update
from sqlalchemy.dialects.postgresql import UUID, insert

from db.commands.cards import CHANGE
from db.commands.locked_cards import LockedCardRow, locked_with_deleted
from db.core.statement import Command, Row
from db.queries.cards import CardRow
from db.queries.expressions import IDS, NOW, VIEWER_ID, any_of, not_deleted, row_columns
from db.tables.cards import cards
from db.tables.tombstones import tombstones
from domain.enums import ChangeType

lock_cards_with_deleted = Command(locked_with_deleted.where(any_of(cards.c.id, IDS)), LockedCardRow)

# Parameters: ids, now.
delete_cards = Command(
    update(cards)
    .values(deleted_at=NOW, **CHANGE)
    .where(cards.c.user_id == VIEWER_ID, any_of(cards.c.id, IDS), not_deleted(cards)),
    Row,
)

# On a distributed database, whose cards have no trigger that does it. Parameter: ids.
_deleted = func.unnest(IDS).table_valued(column("id", UUID), name="deleted").render_derived()
record_deleted_cards = Command(
    insert(tombstones)
    .from_select(
        ["user_id", "object_id", "type"], select(VIEWER_ID, _deleted.c.id, literal_column(f"'{ChangeType.CARD.value}'"))
    )
    .on_conflict_do_nothing(),
    Row,
)

_restored = update(cards).values(deleted_at=null(), **CHANGE).where(cards.c.deleted_at.is_not(None))
# Parameter: ids, of locked cards.
restore_cards = Command(
    _restored.where(cards.c.user_id == VIEWER_ID, any_of(cards.c.id, IDS)).returning(*row_columns(cards, CardRow)),
    CardRow,
)

_of_subjects = (
    select(cards.c.id)
    .where(
        cards.c.user_id == VIEWER_ID,
        or_(*(any_of(cards.c[name], IDS) for name in ("vocabulary_id", "kanji_id", "custom_vocabulary_id"))),
        cards.c.kind == bindparam("kind", type_=Text),
        cards.c.deleted_at.is_not(None),
    )
    # In the order in which all transactions lock cards.
    .order_by(cards.c.id)
    .with_for_update(key_share=True)
)
# Parameters: ids, of words, kanji or own words, and kind.
restore_cards_of_subjects = Command(
    _restored.where(cards.c.user_id == VIEWER_ID, cards.c.id.in_(_of_subjects)).returning(*row_columns(cards, CardRow)),
    CardRow,
)
