"""The search for words by any spelling or inflected form, in romaji or English, best match first."""

import re
from collections.abc import Collection
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import select

from db.core.filters import cache_by_variant
from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.queries.search_matches import matches
from db.queries.vocabulary import VocabularyFilter, VocabularyRow
from domain.search.patterns import is_selective
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


@cache_by_variant
def paged_search_results(filter: VocabularyFilter) -> PagedQuery[VocabularySearchRow]:
    """Best match first. Parameters: those of `search_values` and of the filter, and viewer_id."""
    return PagedQuery(
        filter.apply(select(*matches.c), matches),
        Ordering("search", (matches.c.score, matches.c.id), descending=True),
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
    """Return the literal beginning of a LIKE pattern; an empty string if too many keys start with it."""
    literal = _WILDCARD.split(pattern)[0]
    return literal if is_selective(literal[1:]) else ""


def _ending(pattern: str) -> str:
    """Return the literal end of a LIKE pattern, reversed."""
    return _WILDCARD.split(pattern)[-1][::-1]


def _weighted(name: str, prefix: str, keys: list[QueryKey]) -> dict[str, object]:
    return {
        name: [key.key for key in keys],
        f"{prefix}_weights": [key.weight for key in keys],
        f"{prefix}_fields": [key.field.value for key in keys],
    }
