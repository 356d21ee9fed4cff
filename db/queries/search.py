"""The search for words by kanji, kana, romaji or English, ranked by match."""

from sqlalchemy import Boolean, Double, SmallInteger, Text, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from db.core.filters import cache_by_variant
from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.queries.vocabulary import VocabularyFilter, VocabularyRow
from domain.search_terms import consonants, fold, folded_meaning, folded_romaji, plain, search_query


class VocabularySearchRow(VocabularyRow):
    """A search result. `score` is 0 to 1; `matched_on` has values of SearchField."""

    __slots__ = ()
    score: float
    matched_on: list[str]


# Only candidates from the indexes are scored. The kind of the match dominates the score; level and length of the word
# break ties. Most typos are in vowels, so equal consonants rank above more common trigrams. Scores are rounded so that
# cursors compare exactly.
_MATCHES = """
with candidates as (
    select id from vocabulary where search_terms @@ cast(:terms as tsquery)
    union select vocabulary_like(:romaji)
    union select vocabulary_like(:english)
    union select vocabulary_like(:romaji_consonants)
    union select vocabulary_like(:english_consonants)
),
scored as (
    select vocabulary.id, word, reading, vocabulary.romaji, meanings, jlpt_level, is_common, popularity,
        case
            when :folded = any(search_words) then 1.0
            when exists (select 1 from unnest(search_words) as form where starts_with(form, :folded)) then 0.75
            when search_terms @@ cast(:word_terms as tsquery) then 0.55
            else 0
        end as word_score,
        case
            when :folded = any(search_readings) then 0.95
            when exists (select 1 from unnest(search_readings) as form where starts_with(form, :folded)) then 0.7
            when search_terms @@ cast(:reading_terms as tsquery) then 0.5
            else 0
        end as reading_score,
        case
            when :typed = replace(vocabulary.romaji, '''', '') then 0.92
            when :romaji = any(search_romaji) then 0.9
            when exists (select 1 from unnest(search_romaji) as form where starts_with(form, :romaji)) then 0.65
            when exists (
                select 1 from unnest(search_romaji) as form where translate(form, 'aeiou', '') = :romaji_consonants
            ) then 0.45
            else 0.42 * coalesce((
                select max(similarity(form, :romaji)) from unnest(search_romaji) as form
                where similarity(form, :romaji) >= 0.4
            ), 0)
        end as romaji_score,
        case
            when array_position(search_meanings, :english) is not null
                then 0.85 - 0.01 * least(array_position(search_meanings, :english) - 1, 5)
            when exists (
                select 1 from unnest(search_meanings) as form
                where position(' ' || :english || ' ' in ' ' || form || ' ') > 0
            ) then 0.6
            else coalesce((
                select 0.44 - 0.005 * case when min(n) > 6 then 5 else min(n) - 1 end
                from unnest(search_meanings) with ordinality as meanings (form, n)
                where translate(form, 'aeiou', '') = :english_consonants
            ), 0.42 * (
                select max(word_similarity(:english, form)) from unnest(search_meanings) as form
                where word_similarity(:english, form) >= 0.55
            ), 0)
        end as meaning_score
    from vocabulary join candidates using (id)
)
select id, word, reading, romaji, meanings, jlpt_level, is_common, popularity,
    round((
        0.95 * greatest(word_score, reading_score, romaji_score, meaning_score)
        + 0.004 * coalesce(right(jlpt_level, 1)::int, 0) + 0.02 / char_length(word)
    )::numeric, 6)::float8 as score,
    array_remove(array[
        case when word_score > 0 then 'WORD' end, case when reading_score > 0 then 'READING' end,
        case when romaji_score > 0 then 'ROMAJI' end, case when meaning_score > 0 then 'MEANING' end
    ], null) as matched_on
from scored
where greatest(word_score, reading_score, romaji_score, meaning_score) > 0
"""

_PARAMETERS = (
    "folded",
    "typed",
    "romaji",
    "romaji_consonants",
    "english",
    "english_consonants",
    "terms",
    "word_terms",
    "reading_terms",
)

_matches = (
    text(_MATCHES)
    .bindparams(*(bindparam(name, type_=Text) for name in _PARAMETERS))
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


def search_values(query: str) -> dict[str, object]:
    """Return the parameters of a search. Latin text is searched as romaji and as English, other text as Japanese."""
    is_latin = plain(query).isascii()
    romaji = folded_romaji(query) if is_latin else ""
    english = folded_meaning(query) if is_latin else ""
    return {
        "folded": fold(query),
        # An exact match ranks first: ookii is 大きい rather than 沖, although long vowels are otherwise ignored.
        "typed": fold(query).replace("'", "") if is_latin else None,
        "romaji": romaji or None,
        "romaji_consonants": consonants(romaji),
        "english": english or None,
        "english_consonants": consonants(english),
        "terms": None if is_latin else search_query(query),
        "word_terms": None if is_latin else search_query(query, "A"),
        "reading_terms": None if is_latin else search_query(query, "B"),
    }
