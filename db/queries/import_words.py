"""Queries for the ambiguous words of the viewer's imports, and for what was chosen."""

from uuid import UUID

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.core.keyset import Ordering
from db.core.pagination import CountRow, NestedPagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import VIEWER_ID, row_columns
from db.tables.imports import import_words
from db.tables.vocabulary import vocabulary
from domain.ids import VocabularyId


class ImportWordRow(Row):
    """A word that several entries have. `reading`: '' if there is none. `candidates`: JSON as text, the best first.

    `chosen_id`: the entry that was chosen; None for a card with the learner's own text, or if none was chosen.
    """

    __slots__ = ()
    parent_id: UUID
    number: int
    key: UUID
    form: str
    reading: str
    note_count: int
    candidates: str
    is_chosen: bool
    chosen_id: VocabularyId | None


class ImportChoiceRow(Row):
    """What was chosen for a word. `reading` and `chosen_id`: as above."""

    __slots__ = ()
    form: str
    reading: str
    chosen_id: VocabularyId | None


# Those of the most notes first.
paged_import_words = NestedPagedQuery(
    select(*row_columns(import_words, ImportWordRow)),
    import_words.c.import_id,
    Ordering("import.words", (import_words.c.number, import_words.c.key)),
    ImportWordRow,
    owner=import_words.c.user_id,
    rls_scoped=True,
)

_of_import = (
    import_words.c.user_id == VIEWER_ID,
    import_words.c.import_id == bindparam("import_id", type_=UuidType),
)
# Parameter: import_id.
count_import_words = Query(select(func.count().label("count")).where(*_of_import), CountRow, rls_scoped=True)
# Without entries that a release of the dictionary has removed since. Parameter: import_id.
import_choices = Query(
    select(*row_columns(import_words, ImportChoiceRow)).where(
        *_of_import,
        import_words.c.is_chosen,
        or_(import_words.c.chosen_id.is_(None), exists().where(vocabulary.c.id == import_words.c.chosen_id)),
    ),
    ImportChoiceRow,
    rls_scoped=True,
)
