"""Spellings that readers consider equal are equal after folding."""

import pytest

from domain.search.folding import fold_japanese, has_kanji

EQUAL = [
    ("國", "国"),
    ("學校", "学校"),
    ("ｺｰﾋｰ", "コーヒー"),
    ("コーヒー", "こーひー"),
    ("Ｔシャツ", "tシャツ"),
    ("3ヶ月", "３か月"),
    ("六カ月", "六ヵ月"),
    ("六ケ月", "六箇月"),
    ("時々", "時時"),
    ("葛\U000e0100飾", "葛飾"),
    ("神\ufe00", "神"),
    ("「食べる」", "食べる"),
    ("食べる。", "食べる"),
    ("\u200fたべる", "たべる"),
    (" 食べる ", "食べる"),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal_spellings(one: str, other: str) -> None:
    assert fold_japanese(one) == fold_japanese(other)


@pytest.mark.parametrize(
    ("one", "other"), [("橋", "箸"), ("おばさん", "おばあさん"), ("かつ", "がつ"), ("ケーキ", "げーき")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold_japanese(one) != fold_japanese(other)


def test_has_kanji() -> None:
    assert has_kanji("食べる")
    assert has_kanji("々")
    assert not has_kanji("たべるabc")
