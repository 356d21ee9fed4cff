"""Statements about kanji on their own."""

from sqlalchemy import Text, bindparam, select

from db.queries.selecting import IDS, among, columns
from db.queries.vocabulary import KanjiRow
from db.query import Query
from db.tables.vocabulary import kanji
from db.tags import keys, listing

kanji_by_id = Query(
    select(*columns(kanji, KanjiRow)).where(among(kanji.c.id, IDS)), KanjiRow, personal=False, tags=[keys("Kanji")]
)
kanji_by_character = Query(
    select(*columns(kanji, KanjiRow)).where(kanji.c.character == bindparam("character", type_=Text)),
    KanjiRow,
    personal=False,
    tags=[listing("kanji")],
)
