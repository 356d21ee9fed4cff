"""Queries for kanji."""

from sqlalchemy import Text, bindparam, select

from db.core.cache_tags import entity_tags, list_tags
from db.core.statement import Query
from db.queries.expressions import IDS, any_of, row_columns
from db.queries.vocabulary import KanjiRow
from db.tables.vocabulary import kanji

kanji_by_id = Query(
    select(*row_columns(kanji, KanjiRow)).where(any_of(kanji.c.id, IDS)),
    KanjiRow,
    rls_scoped=False,
    cache_tags=[entity_tags("Kanji")],
)
kanji_by_character = Query(
    select(*row_columns(kanji, KanjiRow)).where(kanji.c.character == bindparam("character", type_=Text)),
    KanjiRow,
    rls_scoped=False,
    cache_tags=[list_tags("kanji")],
)
