"""Statements about kanji on their own."""

from sqlalchemy import Text, bindparam, select

from db.core.statement import Query
from db.notify.cache_tags import keys, listing
from db.queries.expressions import IDS, among, columns
from db.queries.vocabulary import KanjiRow
from db.tables.vocabulary import kanji

kanji_by_id = Query(
    select(*columns(kanji, KanjiRow)).where(among(kanji.c.id, IDS)), KanjiRow, personal=False, tags=[keys("Kanji")]
)
kanji_by_character = Query(
    select(*columns(kanji, KanjiRow)).where(kanji.c.character == bindparam("character", type_=Text)),
    KanjiRow,
    personal=False,
    tags=[listing("kanji")],
)
