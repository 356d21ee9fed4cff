"""Furigana of words, aligned with the readings of their kanji."""

import pytest

from domain.furigana import Segment, furigana, reading_forms

KANJI = {
    "食": reading_forms(["ショク", "ジキ"], ["く.う", "た.べる"]),
    "物": reading_forms(["ブツ", "モツ"], ["もの"]),
    "学": reading_forms(["ガク"], ["まな.ぶ"]),
    "校": reading_forms(["コウ"], []),
    "手": reading_forms(["シュ"], ["て", "た-"]),
    "紙": reading_forms(["シ"], ["かみ"]),
    "取": reading_forms(["シュ"], ["と.る"]),
    "引": reading_forms(["イン"], ["ひ.く"]),
    "日": reading_forms(["ニチ", "ジツ"], ["ひ", "-か"]),
    "今": reading_forms(["コン", "キン"], ["いま"]),
    "時": reading_forms(["ジ"], ["とき"]),
    "大": reading_forms(["ダイ", "タイ"], ["おお-"]),
    "人": reading_forms(["ジン", "ニン"], ["ひと"]),
    "気": reading_forms(["キ", "ケ"], []),
}

ALIGNED = {
    ("食べ物", "たべもの"): "食[た]べ物[もの]",
    ("学校", "がっこう"): "学[がっ]校[こう]",
    ("手紙", "てがみ"): "手[て]紙[がみ]",
    ("取引", "とりひき"): "取[とり]引[ひき]",
    ("今日", "きょう"): "今日[きょう]",
    ("今日", "こんにち"): "今[こん]日[にち]",
    ("時々", "ときどき"): "時[とき]々[どき]",
    ("大人気", "おとなげ"): "大人[おとな]気[げ]",
    ("大人気", "だいにんき"): "大[だい]人[にん]気[き]",
    ("気をつける", "きをつける"): "気[き]をつける",
    ("こんにちは", "こんにちわ"): "こんにちは[こんにちわ]",
    ("タベル", "たべる"): "タベル",
    # An unknown kanji between kana has what is left.
    ("お粥を", "おかゆを"): "お粥[かゆ]を",
    # Word and reading that do not match.
    ("食べる", "のむ"): "食べる[のむ]",
    ("", ""): "",
}


def _written(segments: tuple[Segment, ...]) -> str:
    return "".join(segment.text + (f"[{segment.reading}]" if segment.reading else "") for segment in segments)


@pytest.mark.parametrize(("word", "reading"), ALIGNED)
def test_alignment(word: str, reading: str) -> None:
    found = furigana(word, reading, lambda kanji: KANJI.get(kanji, frozenset()))
    assert _written(found) == ALIGNED[word, reading]
    assert "".join(segment.text for segment in found) == word


def test_long_words_are_one_segment() -> None:
    word = "食" * 5_000
    assert furigana(word, "しょく" * 5_000, lambda _: frozenset()) == (Segment(word, "しょく" * 5_000),)


def test_unaligned_words_of_the_longest_length_end() -> None:
    found = furigana("粥" * 40, "か" * 80, lambda _: frozenset())
    assert found
    assert "".join(segment.text for segment in found) == "粥" * 40
