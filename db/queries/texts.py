"""Queries for the words and kanji of a string."""

from sqlalchemy import Text, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from db.core.cache_tags import list_tags
from db.core.statement import Query, Row
from db.queries.expressions import any_of, row_columns
from db.queries.vocabulary import KanjiRow
from db.tables.vocabulary import kanji


class EntriesRow(Row):
    """Entries of the dictionary that have a key, as JSON: the index of the key from 1, id, score, classes, reading."""

    __slots__ = ()
    entries: str


class KanjiReadingsRow(Row):
    """The readings of a kanji."""

    __slots__ = ()
    character: str
    onyomi: list[str]
    kunyomi: list[str]


# One row with the best entries of each key, because decoding a row for each takes half of the time of an analysis.
# Parameter: keys.
entries_by_key = Query(
    text(
        """
        select coalesce('[' || string_agg(
            '[' || wanted.number || ',"' || vocabulary.id || '",' || hits.score || ',' || vocabulary.inflection || ','
                || to_json(vocabulary.reading) || ']', ','
        ) || ']', '[]') as entries
        from unnest(:keys) with ordinality as wanted (key, number) cross join lateral (
            select vocabulary_id, score from search_keys where search_keys.key = wanted.key
            order by search_keys.key, score desc limit 6
        ) as hits join vocabulary on vocabulary.id = hits.vocabulary_id
        """
    )
    .bindparams(bindparam("keys", type_=ARRAY(Text)))
    .columns(entries=Text),
    EntriesRow,
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
# Parameter: characters.
readings_by_characters = Query(
    select(*row_columns(kanji, KanjiReadingsRow)).where(
        any_of(kanji.c.character, bindparam("characters", type_=ARRAY(Text)))
    ),
    KanjiReadingsRow,
    rls_scoped=False,
    cache_tags=[list_tags("kanji")],
)
