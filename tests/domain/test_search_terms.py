"""Search terms are normalised equally in documents and in queries, whatever the input method."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.search_terms import (
    consonants,
    fold,
    folded_meaning,
    folded_romaji,
    lexemes,
    romaji,
    search_query,
    search_vector,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("タベル", "たべる"),
        ("ﾀﾍﾞﾙ", "たべる"),
        ("ＴＡＢＥＲＵ", "taberu"),
        (" a　 b ", "a b"),
        ("コーヒー", "こーひー"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_fold_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("kana", "latin"),
    [
        ("たべる", "taberu"),
        ("がっこう", "gakkou"),
        ("マッチ", "matchi"),
        ("しゃしん", "shashin"),
        ("コーヒー", "koohii"),
        ("パーティー", "paatii"),
        ("シェフ", "shefu"),
        ("ほんや", "hon'ya"),
        ("きんえん", "kin'en"),
        ("ろんわ", "ronwa"),
        ("ピッツァ", "pittsa"),
        ("クォーツ", "kwootsu"),
        ("スィート", "siito"),
        ("いすゞ", "isuzu"),
        ("ワールド・カップ", "waarudo kappu"),
        ("あっ", "a"),
    ],
)
def test_romaji(kana: str, latin: str) -> None:
    assert romaji(kana) == latin


@pytest.mark.parametrize(
    ("typed", "also"),
    [
        ("gakkou", "gakkō"),
        ("gakkou", "gakko"),
        ("tomodachi", "tomodati"),
        ("shinbun", "shimbun"),
        ("toshokan", "tosyokan"),
        ("ookii", "oki"),
        ("koohii", "kōhī"),
        ("matchi", "macchi"),
    ],
)
def test_equivalent_spellings_have_equal_terms(typed: str, also: str) -> None:
    assert folded_romaji(typed) == folded_romaji(also)


def test_non_romaji_keeps_its_letters() -> None:
    assert folded_romaji("tabru") == "tabru"


@pytest.mark.parametrize(
    ("meaning", "folded"),
    [
        ("to eat", "eat"),
        ("The cat", "cat"),
        ("a drink", "drink"),
        ("talk (about)", "talk"),
        ("to", "to"),
        ("top", "top"),
    ],
)
def test_meanings(meaning: str, folded: str) -> None:
    assert folded_meaning(meaning) == folded


def test_few_consonants_are_no_terms() -> None:
    assert consonants("taberu") == consonants("tabru") == "tbr"
    assert consonants("aoi") is None
    assert consonants("no") is None


def test_lexemes_are_words_characters_and_bigrams() -> None:
    assert lexemes("食べ物 A-1") == ["食", "べ", "物", "食べ", "べ物", "a", "1"]


def test_query_requires_all_terms() -> None:
    assert search_query("食べ物") == "'食べ' & 'べ物'"
    assert search_query("水") == "'水'"
    assert search_query("Momotaro 桃") == "'momotaro':* & '桃'"
    assert search_query("水", "A") == "'水':A"
    assert search_query("!?") is None


def test_vector_keeps_the_best_weight_of_a_lexeme() -> None:
    assert search_vector(("B", ["水"]), ("A", ["水"])) == "'水':1A"


@given(st.text())
def test_input_cannot_break_a_literal(text: str) -> None:
    for literal in (search_vector(("A", [text])), search_query(text) or ""):
        assert literal.count("'") % 2 == 0
        assert "\\" not in literal
        assert "\x00" not in literal
