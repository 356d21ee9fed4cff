"""Queries for the words and kanji of a string."""

from sqlalchemy import Float, Integer, Text, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from db.core.cache_tags import list_tags
from db.core.statement import Query, Row
from db.queries.expressions import any_of, row_columns
from db.queries.vocabulary import KanjiRow
from db.tables.vocabulary import kanji
from domain.ids import VocabularyId


class EntryRow(Row):
    """An entry of the dictionary that has a key. `number`: the index of the key, from 1."""

    __slots__ = ()
    number: int
    id: VocabularyId
    score: float
    classes: int
    reading: str


# The best entries of each key. Parameter: keys.
entries_by_key = Query(
    text(
        """
        select wanted.number::integer as number, vocabulary.id, hits.score, vocabulary.inflection as classes,
            vocabulary.reading
        from unnest(:keys) with ordinality as wanted (key, number) cross join lateral (
            select vocabulary_id, score from search_keys where search_keys.key = wanted.key
            order by search_keys.key, score desc limit 6
        ) as hits join vocabulary on vocabulary.id = hits.vocabulary_id
        """
    )
    .bindparams(bindparam("keys", type_=ARRAY(Text)))
    .columns(number=Integer, id=UUID, score=Float, classes=Integer, reading=Text),
    EntryRow,
    rls_scoped=False,
    cache_tags=[list_tags("vocabulary")],
)
# Parameter: characters.
kanji_by_characters = Query(
    select(*row_columns(kanji, KanjiRow)).where(any_of(kanji.c.character, bindparam("characters", type_=ARRAY(Text)))),
    KanjiRow,
    rls_scoped=False,
    cache_tags=[list_tags("kanji")],
)
