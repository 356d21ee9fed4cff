"""Readings and meanings are found however they are typed."""

import pytest

from domain.kanji_search import KanjiQuery, parse_kanji_query, partial_readings, reading_keys, whole_readings


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("分", KanjiQuery(("分",), (), None, (), None)),
        ("分析", KanjiQuery(("分", "析"), (), None, (), None)),
        ("ワケル", KanjiQuery((), ("わける",), None, (), None)),
        ("ﾜｹﾙ", KanjiQuery((), ("わける",), None, (), None)),
        ("わ.ける", KanjiQuery((), ("わける",), None, (), None)),
        ("to divide", KanjiQuery((), reading_keys("todivide"), "divide", ("divid",), None)),
        ("12画", KanjiQuery((), (), None, (), 12)),
        ("１２画", KanjiQuery((), (), None, (), 12)),
        ("12 strokes", KanjiQuery((), (), None, (), 12)),
        ("日 12画", KanjiQuery(("日",), (), None, (), 12)),
        ("氵", KanjiQuery(("氵",), (), None, (), None)),
        ("マ", KanjiQuery(("マ", "ま"), ("ま",), None, (), None)),
        ("⻌", KanjiQuery(("辶",), (), None, (), None)),
        ("⼈", KanjiQuery(("人",), (), None, (), None)),
        ("⼾", KanjiQuery(("戸",), (), None, (), None)),
        ("食\u200b", KanjiQuery(("食",), (), None, (), None)),
        ("「たべる」", KanjiQuery((), ("たべる",), None, (), None)),
        ("“eat”", KanjiQuery((), (), "eat", ("eat",), None)),
        ("one’s lot", KanjiQuery((), (), "ones lot", ("lot",), None)),
        ("12-stroke", KanjiQuery((), (), None, (), 12)),
    ],
)
def test_query_is_parsed(text: str, parsed: KanjiQuery) -> None:
    assert parse_kanji_query(text) == parsed


@pytest.mark.parametrize(
    ("reading", "typed"),
    [
        ("ショウ", ["しょう", "ショウ", "shou", "shō", "sho", "syou", "SHOU"]),
        ("キュウ", ["きゅう", "kyuu", "kyū", "kyu"]),
        ("セイ", ["せい", "sei", "sē"]),
        ("わ.ける", ["わける", "わ.ける", "wakeru"]),
        ("つち", ["tsuchi", "tuti"]),
        ("おお.きい", ["おおきい", "ookii", "ōkii", "okii"]),
        ("-び", ["び", "bi"]),
    ],
)
def test_reading_is_found_in_every_spelling(reading: str, typed: list[str]) -> None:
    keys = set(whole_readings([reading]))
    assert [spelling for spelling in typed if keys.isdisjoint(reading_keys(spelling))] == []


def test_kana_are_exact() -> None:
    assert set(whole_readings(["ショウ"])).isdisjoint(reading_keys("しょ"))


def test_stems_and_readings_of_names_are_partial() -> None:
    assert partial_readings(["わ.ける", "-わ.け", "くに"], ["いた"]) == ["わ", "~wa", "いた", "~ita"]
