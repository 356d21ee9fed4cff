"""Aozora Bunko's text format: readings, notes, characters outside of Shift-JIS, header and footer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.annotated_text import AnnotatedText, Ruby, TextError
from domain.aozora import Work, parse_aozora
from domain.plain_text import parse_plain

HEADER = """こころ
夏目漱石

-------------------------------------------------------
【テキスト中に現れる記号について】

《》：ルビ
（例）私《わたくし》

｜：ルビの付く文字列の始まりを特定する記号
（例）先生｜一人《ひとり》
-------------------------------------------------------

"""
FOOTER = """

底本：「こころ」集英社文庫、集英社
　　　1991（平成3）年2月25日第1刷
入力：j.utiyama
"""


def parse(source: str) -> str:
    """The text with all readings marked explicitly."""
    return marked(parse_aozora(source).text)


def marked(text: AnnotatedText) -> str:
    result, position = "", 0
    for ruby in text.ruby:
        end = ruby.start + ruby.length
        result += f"{text.text[position : ruby.start]}｜{text.text[ruby.start : end]}《{ruby.reading}》"
        position = end
    return result + text.text[position:]


def problems(source: str) -> tuple[str, ...]:
    with pytest.raises(TextError) as raised:
        parse_aozora(source)
    return raised.value.problems


def attempt(source: str) -> tuple[AnnotatedText | None, tuple[str, ...]]:
    """The text, or the problems."""
    try:
        return parse_aozora(source).text, ()
    except TextError as error:
        return None, error.problems


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("私《わたくし》はその人を", "｜私《わたくし》はその人を"),
        ("その｜先生の名《ひと》を", "その｜先生の名《ひと》を"),
        ("大《おお》きな時々《ときどき》", "｜大《おお》きな｜時々《ときどき》"),
        ("山《やま》川《かわ》", "｜山《やま》｜川《かわ》"),
        ("彼はアパート《いえ》へ", "彼は｜アパート《いえ》へ"),
        ("霧の Ｌｏｎｄｏｎ《ロンドン》で", "霧の ｜Ｌｏｎｄｏｎ《ロンドン》で"),
        ("青空［＃「青空」に傍点］《あおぞら》", "｜青空《あおぞら》"),
        ("ノ貫《※［＃「へち」、第3水準1-84-77］かん》", "ノ｜貫《挘かん》"),
    ],
)
def test_reading_belongs_to_the_characters_before_it(source: str, expected: str) -> None:
    assert parse(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("※［＃「てへん＋劣」、第3水準1-84-77］る", "挘る"),
        ("※［＃「魚＋師のつくり」、第4水準2-93-37］", "魳"),
        ("※［＃「さんずい＋（冫＋臣＋犬）」、U+6E8C、58-3］", "溌"),
        ("※［＃始め二重山括弧、1-1-52］あ※［＃終わり二重山括弧、1-1-53］", "《あ》"),
        ("※［＃「口＋世」、ページ数-行数］", "〓"),
        ("※［＃「口＋世」、U+110000、1-2］", "〓"),
        ("※［＃「口＋世」、U+0000、1-2］", "〓"),
        ("※［＃「口＋世」、第3水準1-99-99］", "〓"),
        ("※印", "※印"),
        ("いろ／＼と、しみ／″＼と", "いろ〱と、しみ〲と"),
        ("〔Ve'ronique〕と〔fac,ade〕", "Véroniqueとfaçade"),
        ("〔oe&uvre〕、〔括弧〕、〔", "œuvre、〔括弧〕、〔"),
        ("［＃２字下げ］第一章［＃「第一章」は大見出し］\n\n本文", "第一章\n\n本文"),
        ("あ\n［＃ここから２字下げ］\nい\n［＃ここで字下げ終わり］", "あ\nい"),
        ("あ\n［＃改ページ］\nい", "あ\n\nい"),
        ("人［＃「人」は底本では「入［＃「入」はママ］」］が", "人が"),
        ("［注］は残る", "［注］は残る"),
        ("あ\r\nい\rう\x0cえ\u2028お", "あ\nい\nう\nえ\nお"),
        ("\ufeff\n\n　あ　\n\n\n\n\n\nい\n\n", "　あ\n\n\nい"),
    ],
)
def test_notes(source: str, expected: str) -> None:
    assert parse_aozora(source).text.text == expected


def test_header_and_footer_are_removed() -> None:
    work = parse_aozora(f"{HEADER}　私《わたくし》はその人を\n\n　次。{FOOTER}")
    assert work == Work("こころ", "夏目漱石", AnnotatedText("　私はその人を\n\n　次。", (Ruby(1, 1, "わたくし"),)))


@pytest.mark.parametrize(
    ("header", "title", "author"),
    [
        ("走れメロス\n太宰治", "走れメロス", "太宰治"),
        ("幸福の王子\nオスカー・ワイルド\n結城浩訳", "幸福の王子", "オスカー・ワイルド"),
        ("銀河鉄道の夜\n――初期形――\n宮沢賢治", "銀河鉄道の夜", "宮沢賢治"),
        ("題だけ", "題だけ", None),
        ("壊《こわ\n芥川竜之介", "芥川竜之介", None),
    ],
)
def test_header_without_list_of_marks(header: str, title: str, author: str | None) -> None:
    assert parse_aozora(f"{header}\n\n\n本文。{FOOTER}") == Work(title, author, AnnotatedText("本文。"))


def test_text_without_footer_has_no_header() -> None:
    assert parse_aozora("一行目\n二行目\n\n三行目") == Work(None, None, AnnotatedText("一行目\n二行目\n\n三行目"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("漢字《かんじ", "《 is not closed by 》."),
        ("漢字》", "》 has no 《 before it."),
        ("漢字《》", "《》 is empty."),
        ("漢字《　》", "《》 is empty."),
        ("《かんじ》", "《かんじ》 has no characters before it."),
        ("、《かんじ》", "《かんじ》 has no characters before it."),
        ("山《やま》《かわ》", "《かわ》 has no characters before it."),
        ("《《強調》》", "《《強調》 has another mark in the reading."),
        ("｜漢字", "｜ is not followed by a reading in 《》."),
        ("｜漢｜字《じ》", "｜ is not followed by a reading in 《》 before the next ｜."),
        ("あ［＃改ページ", "［＃ is not closed by ］."),
        ("あ［＃「［＃」", "［＃ is not closed by ］."),
        ("あ［＃" + "い" * 600 + "］", "［＃ is not closed by ］ within 500 characters."),
        ("※［＃「口＋世」", "［＃ is not closed by ］."),
        ("漢" * 51 + "《かん》", "《かん》 is for more than 50 characters."),
        ("漢《" + "あ" * 101 + "》", "the reading in 《》 has 101 characters; 100 are allowed."),
        ("漢\x00字", "control character U+0000."),
        ("漢\x1b字", "control character U+001B."),
        ("漢\ud800字", "control character U+D800."),
    ],
)
def test_incomplete_mark_is_an_error_with_its_line(line: str, message: str) -> None:
    assert problems(f"一行目\n\n{line}\n四行目") == (f"line 3: {message}",)


def test_all_lines_with_problems_are_named() -> None:
    assert problems("あ《\nい\nう》") == ("line 1: 《 is not closed by 》.", "line 3: 》 has no 《 before it.")
    assert len(problems("》\n" * 80)) == 50
    assert len(problems("あ\x00\n" * 80)) == 50


def test_lines_are_counted_from_the_start_of_the_file() -> None:
    assert problems(f"{HEADER}あ\n》") == (f"line {HEADER.count(chr(10)) + 2}: 》 has no 《 before it.",)
    without_end = HEADER.rpartition("---")[0].rstrip("-")
    assert problems(without_end) == ("line 4: the list of marks has no rule at its end.",)


@pytest.mark.parametrize("source", ["", "\n　\n", "\u200b", "［＃改ページ］"])
def test_empty_text(source: str) -> None:
    assert problems(source) == ("The text is empty.",)


def test_text_between_header_and_footer_is_required() -> None:
    assert problems(HEADER + FOOTER) == ("There is no text between the header and the footer.",)


MARKS = st.sampled_from(["《", "》", "｜", "［＃", "］", "※", "〔", "〕", "\n", "底本：", "/", "'", "・"])
WORDS = st.text(alphabet="漢字かなカナabc１、。　々", min_size=1, max_size=8)


@given(st.lists(MARKS | WORDS, max_size=40).map("".join))
def test_any_combination_of_marks_is_read_or_rejected(source: str) -> None:
    text, found = attempt(source)
    if text is None:
        assert 1 <= len(found) <= 50
        return
    assert text.text.strip()
    position = 0
    for ruby in text.ruby:
        assert ruby.reading
        assert position <= ruby.start < ruby.start + ruby.length <= len(text.text)
        assert "\n" not in text.text[ruby.start : ruby.start + ruby.length]
        position = ruby.start + ruby.length


PLAIN = st.text(alphabet="漢字かなカナabc１、。「」", min_size=1, max_size=30)


@given(st.lists(st.tuples(PLAIN, st.none() | st.text(alphabet="あいうー", min_size=1, max_size=5)), min_size=1))
def test_marked_text_is_read_as_it_was(parts: list[tuple[str, str | None]]) -> None:
    source = "\n".join(text if reading is None else f"あ｜{text}《{reading}》い" for text, reading in parts)
    assert parse(source) == source


def test_plain_text_keeps_marks() -> None:
    assert parse_plain("《題》｜※［＃注\n") == AnnotatedText("《題》｜※［＃注")
    for source in ("", "\n \n", "\u200b"):
        with pytest.raises(TextError, match="The text is empty"):
            parse_plain(source)


@pytest.mark.parametrize(
    "source",
    ["［＃" * 50_000, "漢《か》" * 25_000, *(mark * 100_000 for mark in "〔［｜《\n")],
    ids=["notes", "readings", "accents", "brackets", "bases", "opening", "lines"],
)
@pytest.mark.timeout(20)
def test_work_grows_linearly_with_the_length(source: str) -> None:
    _, found = attempt(source)
    assert all(len(problem) < 200 for problem in found)
