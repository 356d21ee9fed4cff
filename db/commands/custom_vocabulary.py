"""Statements that save the viewer's own words."""

from collections.abc import Iterable

from sqlalchemy import Text, and_, select, update
from sqlalchemy.dialects.postgresql import UUID, insert

from db.commands.cards import CHANGE
from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Query, Row
from db.queries.custom_vocabulary import CustomVocabularyRow
from db.queries.expressions import IDS, VIEWER_ID, any_of, not_deleted, row_columns
from db.tables.cards import cards
from db.tables.custom_vocabulary import custom_vocabulary
from domain.custom_vocabulary import CustomWord
from domain.ids import new_id

_words = UnnestedRows("words", {"id": UUID(), **{name: Text() for name in CustomWord._fields}})
_new = insert(custom_vocabulary).from_select(
    ["id", *CustomWord._fields, "user_id"],
    select(*_words.table.c, VIEWER_ID).order_by(_words.table.c.word, _words.table.c.reading),
)
# Inserts words, or replaces their meanings, and returns them.
# Parameters: `word_values`.
save_words = Command(
    _new.on_conflict_do_update(
        index_elements=["user_id", "word", "reading"],
        set_={"meaning": _new.excluded.meaning, "updated_at": _new.excluded.updated_at},
    ).returning(*row_columns(custom_vocabulary, CustomVocabularyRow)),
    CustomVocabularyRow,
)


def word_values(words: Iterable[CustomWord]) -> dict[str, list[object]]:
    """Return the parameters of `save_words` for words of which each form and reading occurs once."""
    return _words.values((new_id(), *word) for word in words)


_texts = UnnestedRows("texts", {"word": Text(), "reading": Text()})
# Parameters: `text_values`.
words_by_text = Query(
    select(*row_columns(custom_vocabulary, CustomVocabularyRow))
    .select_from(custom_vocabulary)
    .join(
        _texts.table,
        and_(custom_vocabulary.c.word == _texts.table.c.word, custom_vocabulary.c.reading == _texts.table.c.reading),
    )
    .where(custom_vocabulary.c.user_id == VIEWER_ID),
    CustomVocabularyRow,
    rls_scoped=True,
)
# For pairs of word and reading.
text_values = _texts.values

# Counts a change of their words as one of the cards. Parameter: ids, of words.
touch_cards = Command(
    update(cards)
    .values(**CHANGE)
    .where(cards.c.user_id == VIEWER_ID, not_deleted(cards), any_of(cards.c.custom_vocabulary_id, IDS)),
    Row,
)
