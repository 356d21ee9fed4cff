"""The search for words by any spelling or inflected form, in romaji or English, best match first."""

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Boolean, Double, Integer, SmallInteger, Text, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, REAL, UUID
from sqlalchemy.types import TypeEngine

from db.core.filters import cache_by_variant
from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.queries.vocabulary import VocabularyFilter, VocabularyRow
from domain.search.query_keys import QueryKey, parse_query
from domain.search.tags import SearchTags

T = TypeVar("T")

_WILDCARD = re.compile("[%_]")


class VocabularySearchRow(VocabularyRow):
    """A search result. `score` is 0 to 1; `matched_on` has values of SearchField.

    `deinflection` has the inflections between the word and the query, from the word outward.
    """

    __slots__ = ()
    score: float
    matched_on: list[str]
    deinflection: list[str]


# The index gives the best entries of each key. Similar words are read only if nothing matches well, because trigrams
# take most of the time. Scores are rounded so that cursors compare exactly.
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
    select * from whole
    union all select * from prefixed
    union all select * from matching
    union all select * from stemmed
    union all select * from resembling
),
best as (
    select vocabulary_id as id, max(score) as score, array_agg(distinct field) as fields,
        (array_agg(chain order by score desc))[1] as chain
    from found group by vocabulary_id
)
select id, word, reading, romaji, meanings, jlpt_level, is_common, popularity,
    round(best.score::numeric, 6)::float8 as score, fields as matched_on, string_to_array(chain, ' ') as deinflection
from best join vocabulary using (id)
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

_matches = (
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


@cache_by_variant
def paged_search_results(filter: VocabularyFilter) -> PagedQuery[VocabularySearchRow]:
    """Best match first. Parameters: those of `search_values` and of the filter, and viewer_id."""
    return PagedQuery(
        filter.apply(select(*_matches.c), _matches),
        Ordering("search", (_matches.c.score, _matches.c.id), descending=True),
        VocabularySearchRow,
        rls_scoped=filter.needs_viewer,
        cache_tags=[VocabularyFilter.list_tags("vocabulary")],
    )


def restrict(filter: VocabularyFilter, tags: SearchTags) -> VocabularyFilter:
    """Return a filter that also requires what tags such as #n5 in a query do."""
    restricted = replace(
        filter,
        jlpt_levels=_both(filter.jlpt_levels, tags.levels),
        parts_of_speech=_both(filter.parts_of_speech, tags.parts_of_speech),
    )
    if tags.is_common:
        if filter.is_common is False:
            return replace(restricted, jlpt_levels=[])
        return replace(restricted, is_common=True)
    return restricted


def _both(wanted: list[T] | None, others: Collection[T] | None) -> list[T] | None:
    if others is None:
        return wanted
    return [value for value in others if wanted is None or value in wanted]


def search_values(query: str) -> dict[str, object]:
    """Return the parameters of a search."""
    parsed = parse_query(query)
    return {
        "keys": [key.key for key in parsed.keys],
        "weights": [key.weight for key in parsed.keys],
        "fields": [key.field.value for key in parsed.keys],
        "classes": [key.classes for key in parsed.keys],
        "chains": [" ".join(parsed_step.value for parsed_step in key.chain) for key in parsed.keys],
        **_weighted("prefixes", "prefix", parsed.prefixes),
        **_weighted("patterns", "pattern", parsed.patterns),
        "literals": [_beginning(key.key) for key in parsed.patterns],
        "endings": ["" if _beginning(key.key) else _ending(key.key) for key in parsed.patterns],
        "stems": parsed.stems,
        **_weighted("similar", "similar", parsed.similar),
    }


def _beginning(pattern: str) -> str:
    """Return the literal beginning of a LIKE pattern; an empty string if it has the kind of the key only."""
    literal = _WILDCARD.split(pattern)[0]
    return literal if len(literal) > 1 else ""


def _ending(pattern: str) -> str:
    """Return the literal end of a LIKE pattern, reversed."""
    return _WILDCARD.split(pattern)[-1][::-1]


def _weighted(name: str, prefix: str, keys: list[QueryKey]) -> dict[str, object]:
    return {
        name: [key.key for key in keys],
        f"{prefix}_weights": [key.weight for key in keys],
        f"{prefix}_fields": [key.field.value for key in keys],
    }
