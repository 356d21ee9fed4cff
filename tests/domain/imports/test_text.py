"""Words of fields with markup."""

import time

import pytest

from domain.imports.text import Expression, parse_expression, parse_meaning


@pytest.mark.parametrize(
    ("field", "reading", "expected"),
    [
        ("食べる", "たべる", ("食べる", "たべる")),
        ("食[た]べる", "", ("食べる", "たべる")),
        (" 日本[にほん] 語[ご]", "", ("日本語", "にほんご")),
        ("食べる", "食[た]べる", ("食べる", "たべる")),
        ("<ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>", "", ("漢字", "かんじ")),
        ("[sound:neko.mp3]<b>猫</b><br>a cat", "ネコ", ("猫", "ネコ")),
        ("<div>&#29356;&nbsp;</div>", "", ("犬", None)),
        ("{{c1::犬::animal}}", "", ("犬", None)),
        ("ﾈｺ", "", ("ネコ", "ネコ")),
        ("〜人", "じん", ("人", "じん")),
        ("友だち（ともだち）", "", ("友だち", None)),
        ("今日、本日", "きょう、ほんじつ", ("今日", "きょう")),
        ("<style>a { color: red }</style>", "", ("", None)),
        ("人", "person", ("人", None)),
    ],
)
def test_markup_is_removed_and_readings_are_found(field: str, reading: str, expected: tuple[str, str | None]) -> None:
    assert parse_expression(field, reading) == Expression(*expected)


def test_meanings_are_one_line() -> None:
    assert parse_meaning("<ul><li>a cat</li><li>(archaic)&nbsp;shamisen</li></ul>") == "a cat (archaic) shamisen"


@pytest.mark.parametrize("unit", ["<", "<!--", "[", "{{c1::", "漢[", "<rt>", "(", "&#", "<style ", "食[た"])
def test_hostile_fields_take_linear_time(unit: str) -> None:
    started_at = time.process_time()
    parse_expression(unit * (5_000 // len(unit)), unit * (5_000 // len(unit)))
    assert time.process_time() - started_at < 1
