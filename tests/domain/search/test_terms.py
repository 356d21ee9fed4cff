"""Terms of books and textbooks, and queries for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.search.folding import fold
from domain.search.terms import lexemes, search_query, search_vector


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
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_lexemes_are_words_characters_and_bigrams() -> None:
    assert lexemes("食べ物 A-1") == ["食", "べ", "物", "食べ", "べ物", "a", "1"]


def test_query_requires_all_terms() -> None:
    assert search_query("食べ物") == "'食べ' & 'べ物'"
    assert search_query("水") == "'水'"
    assert search_query("Momotaro 桃") == "'momotaro':* & '桃'"
    assert search_query("bocchan") == "('bocchan':* | 'botchan':*)"
    assert search_query("sōseki", "B") == "('s':B* & 'ō':B & 'seki':B* | 'soseki':B*)"
    assert search_query("neko da") == "('neko':* & 'da':*) | 'nekoda':*"
    # Of input methods, the is てぇ, which sounds like the beginning of many titles.
    assert search_query("The") == "'the':*"
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
