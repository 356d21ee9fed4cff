"""Queries for kanji, their strokes, their list and their search."""

from dataclasses import dataclass

from sqlalchemy import Double, Integer, SmallInteger, Text, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from db.core.cache_tags import entity_tags, list_tags
from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, any_of, level_filter, row_columns
from db.queries.vocabulary import KanjiRow
from db.tables.vocabulary import kanji, kanji_strokes
from domain.enums import JlptLevel
from domain.ids import KanjiId
from domain.kanji_search import parse_kanji_query
from domain.search_input import to_component, to_grades, to_meaning_words, to_reading_keys


class KanjiIdRow(Row):
    """An id."""

    __slots__ = ()
    id: KanjiId


class StrokeRow(Row):
    """A stroke of a kanji: an SVG path."""

    __slots__ = ()
    kanji_id: KanjiId
    path: str


class KanjiSearchRow(KanjiRow):
    """A search result. `score` is 0 to 1."""

    __slots__ = ()
    score: float


@dataclass
class KanjiFilter(ListFilter):
    """Filters of a list of kanji."""

    jlpt_levels: list[JlptLevel] | None = level_filter("Filter by JLPT level.")
    grades: list[int] | None = filter_field(
        Filter(
            "Filter by the school year in which a kanji is taught, see `Kanji.grade`.",
            lambda table, grades: any_of(table.c.grade, grades),
            ARRAY(Integer),
            to_grades,
        )
    )
    min_stroke_count: int | None = filter_field(
        Filter("Filter by a minimum number of strokes.", lambda table, count: table.c.stroke_count >= count, Integer)
    )
    max_stroke_count: int | None = filter_field(
        Filter("Filter by a maximum number of strokes.", lambda table, count: table.c.stroke_count <= count, Integer)
    )
    component: str | None = filter_field(
        Filter(
            "Filter by a component: a single character such as 氵.",
            lambda table, component: table.c.components.contains(component),
            ARRAY(Text),
            to_component,
        )
    )
    reading: str | None = filter_field(
        Filter(
            "Filter by a reading in kana or romaji, with or without okurigana; max 100 characters.",
            lambda table, keys: table.c.search_readings.overlap(keys) | table.c.search_partial_readings.overlap(keys),
            ARRAY(Text),
            to_reading_keys,
        )
    )
    meaning: str | None = filter_field(
        Filter(
            "Filter by words of the English meanings; max 100 characters.",
            lambda table, words: table.c.search_meaning_words.contains(words),
            ARRAY(Text),
            to_meaning_words,
        )
    )


_columns = row_columns(kanji, KanjiRow)

kanji_by_id = Query(
    select(*_columns).where(any_of(kanji.c.id, IDS)),
    KanjiRow,
    rls_scoped=False,
    cache_tags=[entity_tags("Kanji")],
)
kanji_by_character = Query(
    select(*_columns).where(kanji.c.character == bindparam("character", type_=Text)),
    KanjiRow,
    rls_scoped=False,
    cache_tags=[list_tags("kanji")],
)
# The ids of the first kanji of levels, in list order. Parameters: levels, limit.
kanji_of_level = Query(
    select(kanji.c.id)
    .where(any_of(kanji.c.jlpt_level, bindparam("levels", type_=ARRAY(Text))))
    .order_by(kanji.c.popularity.desc(), kanji.c.id.desc())
    .limit(bindparam("limit", type_=Integer)),
    KanjiIdRow,
    rls_scoped=False,
)
strokes_by_kanji_id = Query(
    select(*row_columns(kanji_strokes, StrokeRow))
    .where(any_of(kanji_strokes.c.kanji_id, IDS))
    .order_by(kanji_strokes.c.kanji_id, kanji_strokes.c.position),
    StrokeRow,
    rls_scoped=False,
    cache_tags=[entity_tags("Kanji")],
)

# Those of the easiest level first; in a level, and among the others, the most used first.
_ordering = Ordering("kanji", (kanji.c.popularity, kanji.c.id), descending=True)


@cache_by_variant
def paged_kanji(filter: KanjiFilter) -> PagedQuery[KanjiRow]:
    """Parameters: those of the filter."""
    return PagedQuery(
        filter.apply(select(*_columns), kanji),
        _ordering,
        KanjiRow,
        rls_scoped=False,
        cache_tags=[KanjiFilter.list_tags("kanji")],
    )


# Only candidates from the indexes are scored. The kind of the match dominates the score, popularity breaks ties. Scores
# are rounded so that cursors compare exactly. `greatest` and `least` ignore nulls.
_MATCHES = """
with candidates as (
    select id from kanji where character = any(:characters)
    union select form.id from kanji join kanji as form on form.character = any(kanji.variants)
        where kanji.character = any(:characters)
    union select id from kanji where components @> :characters and cardinality(:characters) > 0
    union select id from kanji where search_readings && :readings
    union select id from kanji where search_partial_readings && :readings
    union select id from kanji where search_meaning_words @> :words and cardinality(:words) > 0
    union select id from kanji where stroke_count = :only_stroke_count
),
scored as (
    select id, popularity, greatest(
        case when character = any(:characters) then 1 - 0.01 * array_position(:characters, character) end,
        case when :characters && variants then 0.85 end,
        case when :typed_reading = any(search_readings)
            then 0.75 - 0.002 * least(array_position(search_readings, :typed_reading), 20) end,
        case when :readings && search_readings then 0.65 end,
        case when :readings && search_partial_readings then 0.5 end,
        case when :typed_meaning = any(search_meanings)
            then 0.76 - 0.02 * least(array_position(search_meanings, :typed_meaning), 10) end,
        case when cardinality(:words) > 0 and search_meaning_words @> :words then 0.45 end,
        case when cardinality(:characters) > 0 and components @> :characters then 0.4 end,
        0.3
    ) as score
    from kanji join candidates using (id)
    where :stroke_count is null or stroke_count = :stroke_count
)
select id, round(cast(0.9 * score + 0.001 * popularity as numeric), 6)::float8 as score from scored
"""
_ARRAYS = ("characters", "readings", "words")

_matches = (
    text(_MATCHES)
    .bindparams(
        *(bindparam(name, type_=ARRAY(Text)) for name in _ARRAYS),
        *(bindparam(name, type_=Text) for name in ("typed_reading", "typed_meaning")),
        *(bindparam(name, type_=SmallInteger) for name in ("stroke_count", "only_stroke_count")),
    )
    .columns(id=UUID, score=Double)
    # A CTE instead of a subquery, because a page that starts at a cursor reads the matches twice.
    .cte("matches")
)


@cache_by_variant
def paged_kanji_search(filter: KanjiFilter) -> PagedQuery[KanjiSearchRow]:
    """Best match first. Parameters: those of `kanji_search_values` and of the filter."""
    return PagedQuery(
        filter.apply(
            select(*_columns, _matches.c.score).join_from(_matches, kanji, kanji.c.id == _matches.c.id), kanji
        ),
        Ordering("kanji search", (_matches.c.score, kanji.c.id), descending=True),
        KanjiSearchRow,
        rls_scoped=False,
        cache_tags=[KanjiFilter.list_tags("kanji")],
    )


def kanji_search_values(query: str) -> dict[str, object]:
    """Return the parameters of a search."""
    parsed = parse_kanji_query(query)
    is_count_only = not (parsed.characters or parsed.readings or parsed.words)
    return {
        "characters": list(parsed.characters),
        "readings": list(parsed.readings),
        "typed_reading": parsed.readings[0] if parsed.readings else None,
        "typed_meaning": parsed.meaning,
        "words": list(parsed.words),
        "stroke_count": parsed.stroke_count,
        "only_stroke_count": parsed.stroke_count if is_count_only else None,
    }
