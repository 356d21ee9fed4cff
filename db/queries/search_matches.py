"""The statement that finds the words that have the keys of a query, with their scores."""

from typing import Any

from sqlalchemy import Boolean, Double, Integer, SmallInteger, Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, REAL, UUID
from sqlalchemy.types import TypeEngine

# The index gives the best entries of each key. Similar words are read only if nothing matches well, because trigrams
# take most of the time. Scores are rounded so that cursors compare exactly.
# If a query is English and romaji (make, take), the best eight whole matches of each are on the first page: behind the
# first four matches of all, at least every second place is theirs. They get the score of the match at that place.
MATCHES = """
with wanted as (
    select * from unnest(:keys, :weights, :fields, :classes, :chains) as wanted (key, weight, field, classes, chain)
),
ranges as (select * from unnest(:prefixes, :prefix_weights, :prefix_fields) as ranges (prefix, weight, field)),
patterns as (
    select * from unnest(:patterns, :literals, :endings, :pattern_weights, :pattern_fields)
        as patterns (pattern, literal, ending, weight, field)
),
exact as (
    select vocabulary_id, score * weight as score, field, classes, chain
    from wanted cross join lateral (
        select vocabulary_id, score from search_keys where search_keys.key = wanted.key
        order by search_keys.key, score desc limit 300
    ) as hits
),
whole as (
    select vocabulary_id, exact.score, field, chain
    from exact join vocabulary on vocabulary.id = vocabulary_id
    where classes = 0 or inflection & classes <> 0
),
prefixed as (
    select vocabulary_id, score * weight as score, field, '' as chain
    from ranges cross join lateral (
        select vocabulary_id, score from search_keys
        where search_keys.key >= prefix and search_keys.key < prefix || U&'\\FFFF'
        order by score desc limit 200
    ) as hits
),
matching as (
    select vocabulary_id, score * weight as score, field, '' as chain
    from patterns cross join lateral (
        (
            select vocabulary_id, score from search_keys
            where literal <> '' and search_keys.key >= literal and search_keys.key < literal || U&'\\FFFF'
                and search_keys.key like pattern
            order by score desc limit 300
        )
        union all
        (
            select vocabulary_id, score from search_keys
            where ending <> '' and left(search_keys.key, 1) in ('g', 'k', 'r', 'w')
                and reverse(search_keys.key) >= ending and reverse(search_keys.key) < ending || U&'\\FFFF'
                and search_keys.key like pattern
            order by score desc limit 300
        )
        union all
        (
            select vocabulary_id, score from search_keys
            where literal = '' and ending = '' and search_keys.key >= 'y' and search_keys.key like pattern
            order by score desc limit 300
        )
    ) as hits
),
stemmed as (
    select vocabulary_id, 0.95 * min(score) as score, 'MEANING' as field, '' as chain
    from unnest(:stems) as stem cross join lateral (
        select vocabulary_id, score from search_keys where search_keys.key = stem
        order by search_keys.key, score desc limit case when cardinality(:stems) = 1 then 300 else 4000 end
    ) as hits
    group by vocabulary_id having count(*) = cardinality(:stems)
    order by score desc limit 300
),
resembling as (
    select vocabulary_id, hits.score * weight as score, field, '' as chain
    from unnest(:similar, :similar_weights, :similar_fields) as typed (text, weight, field) cross join lateral (
        select vocabulary_id, score * similarity(search_keys.key, typed.text) as score from search_keys
        where search_keys.key >= 'y' and search_keys.key % typed.text
        order by 2 desc limit 50
    ) as hits
    where not exists (select from whole where score > 0.8)
),
found as (
    select *, score > 0.5 as is_whole from whole
    union all select *, false from prefixed
    union all select *, false from matching
    union all select *, false from stemmed
    union all select *, false from resembling
),
best as (
    select vocabulary_id as id, max(score) as score, array_agg(distinct field) as fields,
        (array_agg(chain order by score desc))[1] as chain,
        max(score) filter (where is_whole and field <> 'MEANING') as japanese,
        max(score) filter (where is_whole and field = 'MEANING') as english
    from found group by vocabulary_id
),
japanese as (
    select id, score, row_number() over () as rank from (
        select id, score from best where japanese > coalesce(english, 0) order by score desc, id desc limit 8
    ) as hits
),
english as (
    select id, score, row_number() over () as rank from (
        select id, score from best where english >= coalesce(japanese, 0) order by score desc, id desc limit 8
    ) as hits
),
places as (
    select score, row_number() over () as place from (select score from best order by score desc limit 12) as hits
),
reserved as (
    select hits.id, places.score
    from (
        select * from japanese where exists (select from english)
        union all select * from english where exists (select from japanese)
    ) as hits join places on place = 4 + rank and places.score > hits.score
),
lifted as (
    select best.id, coalesce(reserved.score, best.score) as score, fields, chain
    from best left join reserved on reserved.id = best.id
)
select id, word, reading, romaji, meanings, jlpt_level, is_common, popularity,
    round(lifted.score::numeric, 6)::float8 as score, fields as matched_on, string_to_array(chain, ' ') as deinflection
from lifted join vocabulary using (id)
"""

_TEXTS, _NUMBERS = ARRAY(Text), ARRAY(REAL)
PARAMETERS: dict[str, TypeEngine[Any]] = {
    "keys": _TEXTS,
    "weights": _NUMBERS,
    "fields": _TEXTS,
    "classes": ARRAY(Integer),
    "chains": _TEXTS,
    "prefixes": _TEXTS,
    "prefix_weights": _NUMBERS,
    "prefix_fields": _TEXTS,
    "patterns": _TEXTS,
    "literals": _TEXTS,
    "endings": _TEXTS,
    "pattern_weights": _NUMBERS,
    "pattern_fields": _TEXTS,
    "stems": _TEXTS,
    "similar": _TEXTS,
    "similar_weights": _NUMBERS,
    "similar_fields": _TEXTS,
}

matches = (
    text(MATCHES)
    .bindparams(*(bindparam(name, type_=type_) for name, type_ in PARAMETERS.items()))
    .columns(
        id=UUID,
        word=Text,
        reading=Text,
        romaji=Text,
        meanings=ARRAY(Text),
        jlpt_level=Text,
        is_common=Boolean,
        popularity=SmallInteger,
        score=Double,
        matched_on=ARRAY(Text),
        deinflection=ARRAY(Text),
    )
    # A CTE instead of a subquery, because a page that starts at a cursor reads the matches twice.
    .cte("matches")
)
