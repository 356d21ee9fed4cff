"""Terms of books and textbooks: titles, names and topics in kanji, kana and romaji."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.search_terms import book_search_terms, textbook_search_terms


def test_given_readings_are_terms() -> None:
    terms = book_search_terms("吾輩は猫である", "わがはいはねこである", "夏目漱石", "なつめそうせき")
    assert "'wagahaiwanekodearu':1A" in terms
    assert "'natsumesoseki':1B" in terms


def test_readings_that_are_not_given_are_found() -> None:
    terms = book_search_terms("旅行の日本語", None, "夏目漱石")
    assert "'ryokononihongo':1A" in terms
    assert "'りよ':1A" in terms
    assert "'natsumesoseki':1B" in terms


def test_romaji_of_every_word_to_the_end_is_a_term() -> None:
    terms = textbook_search_terms("東京へ行く", ["雨の日", "JLPT対策"])
    assert {
        "'tokyoeku':1A",
        "'tokyoheku':1A",
        "'iku':1A",
        "'amenohi':1B",
        "'hi':1B",
        "'taisaku':1B",
        "'jlpt':1B",
    } <= set(terms.split())


def test_words_of_expressions_are_terms() -> None:
    terms = set(textbook_search_terms("駅の男の人", ["実は"]).split())
    assert {"'ekinotokonohito':1A", "'otokonohito':1A", "'hito':1A", "'jitsuwa':1B"} <= terms


def test_given_reading_replaces_that_of_the_analysis() -> None:
    terms = book_search_terms("人間", "ひとま", "Nobody")
    assert "'hitoma':1A" in terms
    assert "ningen" not in terms


@given(st.text(max_size=200))
def test_every_title_has_valid_and_bounded_terms(title: str) -> None:
    terms = textbook_search_terms(title, [title])
    assert terms.count("'") % 2 == 0
    assert "\\" not in terms
    assert len(terms.encode()) < 50_000


@pytest.mark.parametrize("title", ["語" * 500, "日本語 " * 125, "は" * 500])
def test_long_titles_have_bounded_terms(title: str) -> None:
    assert len(textbook_search_terms(title, []).encode()) < 20_000
