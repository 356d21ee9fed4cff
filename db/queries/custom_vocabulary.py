"""Queries for the viewer's own words."""

from datetime import datetime

from sqlalchemy import select

from db.core.statement import Query, Row
from db.queries.cards import CardRow, own_cards
from db.queries.expressions import IDS, VIEWER_ID, any_of, row_columns
from db.tables.cards import cards
from db.tables.custom_vocabulary import custom_vocabulary
from domain.ids import CustomVocabularyId


class CustomVocabularyRow(Row):
    """A word of the viewer. `reading` and `meaning` may be empty."""

    __slots__ = ()
    id: CustomVocabularyId
    word: str
    reading: str
    meaning: str
    created_at: datetime


custom_vocabulary_by_id = Query(
    select(*row_columns(custom_vocabulary, CustomVocabularyRow)).where(
        custom_vocabulary.c.user_id == VIEWER_ID, any_of(custom_vocabulary.c.id, IDS)
    ),
    CustomVocabularyRow,
    rls_scoped=True,
)
# In the order in which they were created.
cards_by_custom_vocabulary_id = Query(
    own_cards.where(any_of(cards.c.custom_vocabulary_id, IDS)).order_by(cards.c.custom_vocabulary_id, cards.c.id),
    CardRow,
    rls_scoped=True,
)
