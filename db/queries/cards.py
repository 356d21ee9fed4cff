"""Queries for the viewer's cards."""

from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter, itemgetter

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    SmallInteger,
    Text,
    bindparam,
    extract,
    false,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from db.core.filters import Filter, ListFilter, filter_field
from db.core.statement import Query, Row
from db.queries.buried_cards import BURIED_FILTER
from db.queries.card_filters import CREATED_AFTER, MIN_LAPSES, SEARCH, UPDATED_SINCE
from db.queries.card_tags import TAG_FILTER
from db.queries.expressions import IDS, NOW, VIEWER_ID, any_of, is_recognition, level_filter, not_deleted, row_columns
from db.queries.search import search_values
from db.tables.base import Timestamp
from db.tables.cards import card_contexts, cards
from db.tables.users import user_settings
from db.tables.vocabulary import kanji, vocabulary
from domain.card_tags import to_flags
from domain.enums import CardKind, CardState, JlptLevel
from domain.ids import BookId, CardId, CustomVocabularyId, KanjiId, VocabularyId
from domain.scheduling import Schedule

_get_schedule = itemgetter(*Schedule._fields[1:10])


class CardRow(Row):
    """A user's card of a word, of a kanji or of an own word, one of the three ids."""

    __slots__ = ()
    id: CardId
    vocabulary_id: VocabularyId | None
    kanji_id: KanjiId | None
    custom_vocabulary_id: CustomVocabularyId | None
    kind: CardKind
    state: CardState
    due_at: datetime
    due_day: date | None
    interval_days: float
    ease_factor: float
    stability: float | None
    difficulty: float | None
    learning_step: int | None
    repetitions: int
    lapses: int
    suspended: bool
    flag: int
    last_reviewed_at: datetime | None
    last_reviewed_day: date | None
    created_at: datetime
    version: int

    @property
    def schedule(self) -> Schedule:
        """The state that determines the next one; the times of the first and the newest log entry do not."""
        state, values = CardState(self.state), _get_schedule(self)
        return Schedule._make((state, *values, None, self.last_reviewed_at, self.last_reviewed_day, None))


class RescheduledCard:
    """A card as it was updated by this transaction: what a `CardRow` has, without reading it again."""

    __slots__ = ("row", "schedule")
    id: CardId

    def __init__(self, row: CardRow, schedule: Schedule) -> None:
        """`row`: before the update, which changed nothing but the schedule and the version."""
        self.row = row
        self.schedule = schedule

    @property
    def version(self) -> int:
        return self.row.version + 1


for _name in CardRow.__annotations__.keys() - {"version"}:
    _path = f"schedule.{_name}" if _name in Schedule._fields else f"row.{_name}"
    # Without Python code: a batch has a thousand cards.
    setattr(RescheduledCard, _name, property(attrgetter(_path)))


class CardContextRow(Row):
    """The sentence in which the learner met the word of a card."""

    __slots__ = ()
    card_id: CardId
    text: str
    book_id: BookId | None
    page: int | None


class DueCountRow(Row):
    """How many cards are due at a time, in whole seconds since 1970."""

    __slots__ = ()
    due_at: int
    due: int


def has_level(cards: FromClause, levels: ColumnElement[list[str]]) -> ColumnElement[bool]:
    """Return whether the word or the kanji of a card has one of the levels."""
    words, characters = (select(table.c.id).where(any_of(table.c.jlpt_level, levels)) for table in (vocabulary, kanji))
    return or_(cards.c.vocabulary_id.in_(words), cards.c.kanji_id.in_(characters))


def has_kind(cards: FromClause, kinds: ColumnElement[list[str]]) -> ColumnElement[bool]:
    return any_of(cards.c.kind, kinds)


def to_kinds(_: str, kinds: list[CardKind]) -> list[str]:
    """Return the values, each once."""
    return list(dict.fromkeys(kind.value for kind in kinds))


def _is_leech(cards: FromClause, leech: bool) -> ColumnElement[bool]:
    threshold = select(func.nullif(user_settings.c.leech_threshold, literal_column("0"))).where(
        user_settings.c.user_id == VIEWER_ID
    )
    return func.coalesce(cards.c.lapses >= threshold.scalar_subquery(), false()).is_(leech)


@dataclass
class CardFilter(ListFilter):
    """Filters of a list of cards."""

    state: CardState | None = filter_field(
        Filter("Filter by learning state.", lambda cards, state: cards.c.state == state, Text)
    )
    kinds: list[CardKind] | None = filter_field(Filter("Filter by what cards ask.", has_kind, ARRAY(Text), to_kinds))
    jlpt_levels: list[JlptLevel] | None = level_filter("Filter by JLPT level.", has_level=has_level)
    suspended: bool | None = filter_field(
        Filter("Filter by suspension.", lambda cards, suspended: cards.c.suspended.is_(suspended))
    )
    buried: bool | None = filter_field(BURIED_FILTER)
    leech: bool | None = filter_field(Filter("Filter by whether the card is a leech.", _is_leech))
    flags: list[int] | None = filter_field(
        Filter("Filter by flag.", lambda cards, flags: any_of(cards.c.flag, flags), ARRAY(SmallInteger), to_flags)
    )
    tags: list[str] | None = filter_field(TAG_FILTER)
    min_lapses: int | None = filter_field(MIN_LAPSES)
    created_after: datetime | None = filter_field(CREATED_AFTER)
    updated_since: datetime | None = filter_field(UPDATED_SINCE)
    search: str | None = filter_field(SEARCH)

    def parameters(self) -> dict[str, object]:
        """Return the values of all bind parameters, those of the search included. Raises BadUserInput."""
        values = super().parameters()
        return values if self.search is None else values | search_values(self.search)


own_cards = select(*row_columns(cards, CardRow)).where(cards.c.user_id == VIEWER_ID, not_deleted(cards))

cards_by_id = Query(own_cards.where(any_of(cards.c.id, IDS)), CardRow, rls_scoped=True)
# Also deleted ones, because a review keeps its card.
cards_of_reviews_by_id = Query(
    select(*row_columns(cards, CardRow)).where(cards.c.user_id == VIEWER_ID, any_of(cards.c.id, IDS)),
    CardRow,
    rls_scoped=True,
)
# In the order in which they were created.
cards_by_vocabulary_id, cards_by_kanji_id = (
    Query(own_cards.where(any_of(column, IDS)).order_by(column, cards.c.id), CardRow, rls_scoped=True)
    for column in (cards.c.vocabulary_id, cards.c.kanji_id)
)
# Those that ask the meaning.
recognition_cards_by_vocabulary_id, recognition_cards_by_kanji_id = (
    Query(own_cards.where(any_of(column, IDS), is_recognition(cards)), CardRow, rls_scoped=True)
    for column in (cards.c.vocabulary_id, cards.c.kanji_id)
)

contexts_by_card_id = Query(
    select(*row_columns(card_contexts, CardContextRow)).where(
        card_contexts.c.user_id == VIEWER_ID, any_of(card_contexts.c.card_id, IDS)
    ),
    CardContextRow,
    rls_scoped=True,
)

# The numbers of cards by the time at which they are due. Parameters: now, until.
due_counts = Query(
    # asyncpg takes half a microsecond for a time.
    select(func.floor(extract("epoch", cards.c.due_at)).cast(BigInteger).label("due_at"), func.count().label("due"))
    .where(
        cards.c.user_id == VIEWER_ID,
        not_deleted(cards),
        ~cards.c.suspended,
        cards.c.due_at > NOW,
        cards.c.due_at < bindparam("until", type_=Timestamp),
    )
    .group_by(cards.c.due_at),
    DueCountRow,
    rls_scoped=True,
)
