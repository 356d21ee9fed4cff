"""Queries for the tags of cards, and the filter by tags."""

from sqlalchemy import ColumnElement, FromClause, Integer, Text, bindparam, cast, func, literal_column, select, union
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from db.core.filters import Filter
from db.core.statement import Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, not_deleted
from db.tables.cards import card_tags, cards
from domain.card_tags import to_tags
from domain.ids import CardId


class TagsRow(Row):
    """The tags of a card."""

    __slots__ = ()
    card_id: CardId
    tags: list[str]


class CardTagRow(Row):
    """A tag, and how many cards have it."""

    __slots__ = ()
    tag: str
    card_count: int


class TagCountRow(Row):
    """The number of a learner's tags."""

    __slots__ = ()
    tags: int


TAGS = bindparam("tags", type_=ARRAY(Text))

tags_by_card_id = Query(
    select(card_tags.c.card_id, func.array_agg(aggregate_order_by(card_tags.c.tag, card_tags.c.tag)).label("tags"))
    .where(card_tags.c.user_id == VIEWER_ID, any_of(card_tags.c.card_id, IDS))
    .group_by(card_tags.c.card_id),
    TagsRow,
    rls_scoped=True,
)

# The most used first. Parameters: viewer_id, first.
own_tags = Query(
    select(card_tags.c.tag, cast(func.count(), Integer).label("card_count"))
    .select_from(card_tags.join(cards, cards.c.id == card_tags.c.card_id))
    .where(card_tags.c.user_id == VIEWER_ID, cards.c.user_id == VIEWER_ID, not_deleted(cards))
    .group_by(card_tags.c.tag)
    .order_by(literal_column("card_count").desc(), card_tags.c.tag)
    .limit(bindparam("first", type_=Integer)),
    CardTagRow,
    rls_scoped=True,
)

_with_new = union(
    select(card_tags.c.tag).where(card_tags.c.user_id == VIEWER_ID), select(func.unnest(TAGS, type_=Text))
).subquery("with_new")
# Also of deleted cards, which can be restored. Parameters: viewer_id, tags, which may be new.
tag_count = Query(
    select(cast(func.count(), Integer).label("tags")).select_from(_with_new), TagCountRow, rls_scoped=True
)


class KnownTagsRow(Row):
    """The number of a learner's tags, and which of some they have."""

    __slots__ = ()
    tags: int
    known: list[str]


# Also of deleted cards. Parameters: viewer_id, tags.
known_tags = Query(
    select(
        cast(func.count(card_tags.c.tag.distinct()), Integer).label("tags"),
        func.coalesce(
            func.array_agg(card_tags.c.tag.distinct()).filter(any_of(card_tags.c.tag, TAGS)), cast([], ARRAY(Text))
        ).label("known"),
    ).where(card_tags.c.user_id == VIEWER_ID),
    KnownTagsRow,
    rls_scoped=True,
)


def _has_tag(cards: FromClause, tags: ColumnElement[list[str]]) -> ColumnElement[bool]:
    tagged = select(card_tags.c.card_id).where(card_tags.c.user_id == VIEWER_ID, any_of(card_tags.c.tag, tags))
    return cards.c.id.in_(tagged)


TAG_FILTER = Filter("Only cards with one of these 1 to 10 tags.", _has_tag, ARRAY(Text), to_tags)
