"""Statements for the words of a book or a chapter, in their order. Their policies admit editors and owners."""

from collections.abc import Iterable

from sqlalchemy import Integer, Table, bindparam, delete, insert, select
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Row
from db.tables.vocabulary import vocabulary
from domain.ids import VocabularyId

_words = UnnestedRows("words", {"position": Integer(), "vocabulary_id": UuidType()})


class OrderedWordRow(Row):
    """A word of a book or a chapter."""

    __slots__ = ()
    vocabulary_id: VocabularyId


class OrderedWords:
    """Statements of a table that has the columns `parent`, position and vocabulary_id. Their parameter: `parent`.

    `insert` has those of `word_values`, too, and returns the words that exist.
    """

    def __init__(self, table: Table, parent: str) -> None:
        column, id = table.c[parent], bindparam(parent, type_=UuidType)
        self.select = Command(
            select(table.c.vocabulary_id).where(column == id).order_by(table.c.position), OrderedWordRow
        )
        self.delete = Command(delete(table).where(column == id), Row)
        self.insert = Command(
            insert(table)
            .from_select(
                [parent, "position", "vocabulary_id"],
                select(id, _words.table.c.position, vocabulary.c.id).join_from(
                    _words.table, vocabulary, vocabulary.c.id == _words.table.c.vocabulary_id
                ),
            )
            .returning(table.c.vocabulary_id),
            OrderedWordRow,
        )


def word_values(ids: Iterable[VocabularyId]) -> dict[str, list[object]]:
    """Return the parameters for the words in their order."""
    return _words.values(enumerate(ids))
