"""Spellings that readers consider equal are equal after folding."""

import unicodedata

import pytest

from domain.search.folding import fold_japanese, has_kanji
from domain.search.old_characters import MODERN_FORMS

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


OLD_FORMS = (
    "黑黒 敎教 靑青 黃黄 說説 溫温 强強 淸清 姬姫 綠緑 橫横 內内 戶戸"
    " 飮飲 稅税 餠餅 轉転 狀状 歲歳 產産 郞郎 鬪闘 卽即 晚晩 步歩 鄕郷 緣縁"
    ""
    " 悅悦 銳鋭 脫脱 絕絶 槪概 旣既 彥彦 穗穂 增増 戾戻 淚涙 錄録 遲遅 徵徴"
    " 每毎 揭掲 虛虚 渴渇 吳呉 娛娯 硏研 寫写 遙遥 雜雑 巢巣 曾曽"
)


@pytest.mark.parametrize("pair", OLD_FORMS.split())
def test_old_form_of_a_character_is_the_usual_one(pair: str) -> None:
    assert fold_japanese(f"{pair[0]}い") == fold_japanese(f"{pair[1]}い")


def test_old_forms_have_one_modern_form() -> None:
    assert len(MODERN_FORMS) > 550
    assert MODERN_FORMS.keys().isdisjoint(MODERN_FORMS.values())
    # NFKC is first: it must not change a form of the table.
    assert [old for old in MODERN_FORMS if unicodedata.normalize("NFKC", old) != old] == []


@pytest.mark.parametrize(
    ("one", "other"), [("橋", "箸"), ("おばさん", "おばあさん"), ("かつ", "がつ"), ("ケーキ", "げーき")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold_japanese(one) != fold_japanese(other)


def test_has_kanji() -> None:
    assert has_kanji("食べる")
    assert has_kanji("々")
    assert not has_kanji("たべるabc")
