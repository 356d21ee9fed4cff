"""Readings of numbers and counters, alone and with the entries of the dictionary."""

from pathlib import Path

import pytest

from analysis import Token, analyze
from analysis.counters import read_counted
from analysis.numbers import kanji_amount, read_amount
from tests.analysis.jmdict_look_up import look_up
from tests.content.jmdict import needs_jmdict

LINES = (Path(__file__).parent / "counters.txt").read_text().splitlines()
(_, *NUMBERS), *COUNTERS = [line.split() for line in LINES if not line.startswith("#")]
READINGS = {
    f"{number}{counter}": reading
    for counter, *readings in COUNTERS
    for number, reading in zip(NUMBERS, readings, strict=True)
    if reading != "-"
}


def test_table_has_common_counters_and_numbers() -> None:
    assert len(COUNTERS) >= 50
    assert {*"一二三四五六七八九十", "十四", "十七", "十九", "二十", "二十四", "百", *"何数幾"} == set(NUMBERS)


@needs_jmdict
def test_counted_numbers_with_their_entries_are_read_by_the_grammar() -> None:
    """Entries that are written like them have other readings: 二度 is ふたたび, and 三か月 みかづき."""
    spellings = {part for text in READINGS for part in (text, text.replace("か", "ヶ"), *text)}
    found = look_up(list(READINGS), spellings | {counter for counter, *_ in COUNTERS})
    read = {text: reading_of(tokens) for text, tokens in zip(READINGS, found, strict=True)}
    assert {text: reading for text, reading in read.items() if reading != READINGS[text]} == {}
    assert all(token.reading for tokens in found for token in tokens)


@needs_jmdict
@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("四月一日です。", "しがつ ついたち です"),
        ("一日に三回飲む。", "いちにち に さんかい のむ"),
        ("今、何分ですか。", "いま なんぷん です か"),
        ("三分の一です。", "さんぶん の いち です"),
        ("七時十二分の電車", "しちじ じゅうに ふん の でんしゃ"),
        ("三十分待つ。", "さんじゅっぷん まつ"),
        ("三割五分です。", "さん わり ごぶ です"),
        ("五分五分です。", "ごぶごぶ です"),
        ("一点張りです。", "いってんばり です"),
        ("三年一組です。", "さんねん いちくみ です"),
        ("人口は100万人です。", "じんこう は ひゃくまん にん です"),
        ("千歳へ行く。", "ちとせ へ いく"),
        ("数が多い。", "かず が おおい"),
        ("何万匹もいる。", "なん まん びき も いる"),
        ("八頭の牛と千頭の馬", "はっとう の うし と せん とう の うま"),
    ],
)
def test_counted_numbers_in_sentences(text: str, readings: str) -> None:
    spellings = {text[start:end] for start in range(len(text)) for end in range(start, len(text) + 1)}
    [tokens] = look_up([text], spellings)
    assert reading_of(tokens) == readings.replace(" ", "")


def test_counted_numbers_without_entries_are_read_by_the_grammar() -> None:
    """Sudachi has words such as 一人, 一番 and 何分, which have their usual readings."""
    read = {text: reading_of([token for sentence in analyze(text) for token in sentence.tokens]) for text in READINGS}
    assert {text: reading for text, reading in read.items() if reading != READINGS[text]} == {}


def reading_of(tokens: list[Token]) -> str:
    return "".join(token.reading or "" for token in tokens)


@pytest.mark.parametrize(
    ("number", "reading"),
    [
        ("三百六十五", "さんびゃくろくじゅうご"),
        ("八千六百", "はっせんろっぴゃく"),
        ("一万", "いちまん"),
        ("十万", "じゅうまん"),
        ("二〇二六", "にれいにろく"),
        ("千", "せん"),
        ("四五", "しご"),
        ("一千万", "いっせんまん"),
        ("百一万", "ひゃくいちまん"),
        ("万一", "まんいち"),
        ("数十", "すうじゅう"),
        ("本", None),
        ("", None),
    ],
)
def test_numbers(number: str, reading: str | None) -> None:
    assert read_amount(number) == reading


@pytest.mark.parametrize(
    ("text", "kanji"),
    [
        ("24", "二十四"),
        ("１１", "十一"),
        ("1,000", "千"),
        ("二〇二六", "二千二十六"),
        ("123456789", "一億二千三百四十五万六千七百八十九"),
        ("10000", "一万"),
        ("0", "〇"),
        ("100万", "百万"),
        ("２３万", "二十三万"),
        ("二三", "二三"),
        ("数十", "数十"),
        ("三十数", "三十数"),
        ("幾何", None),
        ("12a", None),
        ("9" * 21, None),
        ("", None),
    ],
)
def test_amounts_in_kanji(text: str, kanji: str | None) -> None:
    assert kanji_amount(text) == kanji


@pytest.mark.parametrize(
    ("number", "counter", "reading"),
    [
        ("20", "日", "はつか"),
        ("１１", "日", "じゅういちにち"),
        ("100", "本", "ひゃっぽん"),
        ("二〇二六", "年", "にせんにじゅうろくねん"),
        ("二三", "日", "にさんにち"),
        ("三四", "人", "さんよにん"),
        ("二十一", "歳", "にじゅういっさい"),
        ("百", "匹", "ひゃっぴき"),
        ("千", "本", "せんぼん"),
        ("一万", "歩", "いちまんぽ"),
        ("数十", "匹", "すうじゅっぴき"),
        ("三", "日間", "みっかかん"),
        ("十七", "時間", "じゅうしちじかん"),
        ("四", "年生", "よねんせい"),
        ("一", "週間", "いっしゅうかん"),
        ("三", "箇所", "さんかしょ"),
        ("三", "番地", "さんばんち"),
    ],
)
def test_counters(number: str, counter: str, reading: str) -> None:
    counted = read_counted(number, counter, "ばんち")
    assert counted is not None
    assert "".join(counted) == reading
