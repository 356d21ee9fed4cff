"""Statements about cards. All personal."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Text, bindparam, select

from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, LEVELS, NOW, VIEWER_ID, any_of, row_columns
from db.tables.cards import cards
from db.tables.vocabulary import vocabulary
from domain.enums import CardState
from domain.scheduling import Schedule


class CardRow(Row):
    """A learner's card for a word."""

    __slots__ = ()
    id: UUID
    vocabulary_id: UUID
    state: CardState
    due_at: datetime
    interval_days: float
    ease_factor: float
    stability: float | None
    difficulty: float | None
    learning_step: int | None
    repetitions: int
    lapses: int
    suspended: bool
    last_reviewed_at: datetime | None
    version: int

    @property
    def schedule(self) -> Schedule:
        """Where it stands, as the algorithms know it."""
        return Schedule(
            state=CardState(self.state),
            due_at=self.due_at,
            interval_days=self.interval_days,
            ease_factor=self.ease_factor,
            stability=self.stability,
            difficulty=self.difficulty,
            learning_step=self.learning_step,
            repetitions=self.repetitions,
            lapses=self.lapses,
            last_reviewed_at=self.last_reviewed_at,
        )


@dataclass(frozen=True)
class CardListShape:
    """Which filters a list of cards has. Their values are parameters: state, levels, suspended, viewer_id."""

    state: bool = False
    levels: bool = False
    suspended: bool | None = None


_own_cards = select(*row_columns(cards, CardRow)).where(cards.c.user_id == VIEWER_ID)

cards_by_id = Query(_own_cards.where(any_of(cards.c.id, IDS)), CardRow, rls_scoped=True)
cards_by_vocabulary_id = Query(_own_cards.where(any_of(cards.c.vocabulary_id, IDS)), CardRow, rls_scoped=True)

# Most overdue first. Parameters: viewer_id, now.
paged_due_cards = PagedQuery(
    _own_cards.where(~cards.c.suspended, cards.c.due_at <= NOW),
    Ordering("card.due", (cards.c.due_at, cards.c.id)),
    CardRow,
    rls_scoped=True,
)


@cache
def paged_cards(shape: CardListShape) -> PagedQuery[CardRow]:
    """Newest first."""
    statement = _own_cards
    if shape.state:
        statement = statement.where(cards.c.state == bindparam("state", type_=Text))
    if shape.suspended is not None:
        statement = statement.where(cards.c.suspended.is_(shape.suspended))
    if shape.levels:
        statement = statement.join(vocabulary, vocabulary.c.id == cards.c.vocabulary_id).where(
            any_of(vocabulary.c.jlpt_level, LEVELS)
        )
    return PagedQuery(statement, Ordering("card", (cards.c.id,), descending=True), CardRow, rls_scoped=True)
