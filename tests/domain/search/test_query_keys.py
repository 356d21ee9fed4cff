"""Queries become keys that words have."""

import pytest

from domain.search.query_keys import parse_query


def keys(query: str) -> set[str]:
    return {key.key for key in parse_query(query).keys}


@pytest.mark.parametrize("query", ["pa-thi-", "paathii", "pāthī"])
def test_romaji_of_input_methods_has_the_reading_or_its_sound(query: str) -> None:
    assert keys(query) & {"kぱーてぃー", "ppati"}


@pytest.mark.parametrize(("query", "sound"), [("the", "pte"), ("who", "puo"), ("two", "pto"), ("white", "puite")])
def test_english_words_have_no_sound_of_small_kana(query: str, sound: str) -> None:
    assert sound not in keys(query)
    assert f"g{query}" in keys(query)


@pytest.mark.parametrize(
    ("query", "spelling"),
    [
        ("食べますか", "w食べる"),
        ("高いそうです", "w高い"),
        ("ikimasenka", "kいく"),
        ("chijimanai", "kちぢむ"),
        ("黑かった", "w黒い"),
        ("强い", "w強い"),
        ("mijikadehaarimasen", "kみぢか"),
    ],
)
def test_forms_have_the_key_of_their_word(query: str, spelling: str) -> None:
    assert spelling in keys(query)
