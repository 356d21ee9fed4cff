"""Statements that flag and tag cards."""

from sqlalchemy import SmallInteger, Text, bindparam, column, delete, func, select, true, update
from sqlalchemy.dialects.postgresql import UUID, insert

from db.commands.cards import CHANGE
from db.commands.moved_cards import MOVED
from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Row
from db.queries.card_tags import TAGS
from db.queries.cards import CardRow
from db.queries.expressions import IDS, VIEWER_ID, any_of, row_columns
from db.tables.cards import card_tags, cards
from domain.ids import CardId


class TaggedCardRow(Row):
    """A card that got or lost a tag."""

    __slots__ = ()
    card_id: CardId


_FLAG = bindparam("flag", type_=SmallInteger)

# Skips cards that already have the flag. Parameters: ids, flag.
flag_cards = Command(
    update(cards)
    .values(flag=_FLAG, **CHANGE)
    .where(cards.c.user_id == VIEWER_ID, any_of(cards.c.id, IDS), cards.c.flag != _FLAG)
    .returning(*row_columns(cards, CardRow)),
    CardRow,
)

_ids = func.unnest(IDS).table_valued(column("id", UUID), name="tagged").render_derived()
_tags = func.unnest(TAGS).table_valued(column("tag", Text), name="added").render_derived()
# Of locked cards. Parameters: ids, tags.
tag_cards = Command(
    insert(card_tags)
    .from_select(["card_id", "tag", "user_id"], select(_ids.c.id, _tags.c.tag, VIEWER_ID).join(_tags, true()))
    .on_conflict_do_nothing()
    .returning(card_tags.c.card_id),
    TaggedCardRow,
)
_pairs = UnnestedRows("pairs", {"card_id": UUID(), "tag": Text()})
# The same for pairs of card and tag. Parameters: `tag_values`.
tag_each = Command(
    insert(card_tags)
    .from_select(
        ["card_id", "tag", "user_id"],
        select(*_pairs.table.c, VIEWER_ID).order_by(_pairs.table.c.card_id, _pairs.table.c.tag),
    )
    .on_conflict_do_nothing()
    .returning(card_tags.c.card_id),
    TaggedCardRow,
)
tag_values = _pairs.values
untag_cards = Command(
    delete(card_tags)
    .where(card_tags.c.user_id == VIEWER_ID, any_of(card_tags.c.card_id, IDS), any_of(card_tags.c.tag, TAGS))
    .returning(card_tags.c.card_id),
    TaggedCardRow,
)

# For cards that are merged. Parameters: `moved_values`.
move_tags = Command(
    insert(card_tags)
    .from_select(
        ["card_id", "tag", "user_id"],
        select(MOVED.c.to_id, card_tags.c.tag, card_tags.c.user_id)
        .select_from(MOVED.join(card_tags, card_tags.c.card_id == MOVED.c.from_id))
        .where(card_tags.c.user_id == VIEWER_ID),
    )
    .on_conflict_do_nothing(),
    Row,
)


# Counts a change of locked cards' tags as one of the cards. Parameter: ids.
touch_cards = Command(
    update(cards)
    .values(**CHANGE)
    .where(cards.c.user_id == VIEWER_ID, any_of(cards.c.id, IDS))
    .returning(*row_columns(cards, CardRow)),
    CardRow,
)
