"""Kanji are read from KANJIDIC and KanjiVG without damage."""

import re
import sqlite3
from contextlib import closing
from functools import cache
from itertools import pairwise

import pytest

from content import kanji as content_kanji
from content.jmdict import database_path, open_jmdict
from content.kanji import ContentKanji, is_basic, read_kanji
from content.kanjidic import KanjidicKanji
from content.kanjivg import KanjiVG, parse_drawing
from content.level_words import load_level_words, usual_word
from content.openjlpt import kanji_of
from domain import list_sizes
from domain.enums import JlptLevel
from domain.kanji_characters import KANJI
from domain.kanji_search import parse_kanji_query
from tests.content.jmdict import needs_jmdict, sample
from tests.content.kanjivg import needs_kanjivg


@cache
def all_kanji() -> list[ContentKanji]:
    return read_kanji()


@needs_jmdict
def test_all_kanji_are_complete() -> None:
    found = [one.kanji for one in all_kanji()]
    assert len(found) == len({kanji.character for kanji in found}) == 13_109
    assert [kanji.character for kanji in found if not KANJI.fullmatch(kanji.character)] == []
    assert all(1 <= kanji.stroke_count <= 34 and len(kanji.radical or "") == 1 for kanji in found)
    assert len({kanji.radical for kanji in found}) == 214
    assert {kanji.radical for kanji in found} <= {kanji.character for kanji in found}
    assert all(re.fullmatch("[ァ-ヶー・.-]+", reading) for kanji in found for reading in kanji.onyomi)
    assert all(re.fullmatch("[ぁ-ゖァ-ヶー・.-]+", reading) for kanji in found for reading in kanji.kunyomi)
    assert sorted(kanji.frequency for kanji in found if kanji.frequency) == list(range(1, 2502))


@needs_jmdict
def test_lists_of_kanji_have_their_sizes() -> None:
    sizes = (
        ("meanings", list_sizes.MAX_MEANINGS),
        ("onyomi", list_sizes.MAX_ONYOMI),
        ("kunyomi", list_sizes.MAX_KUNYOMI),
        ("nanori", list_sizes.MAX_NANORI),
        ("variants", list_sizes.MAX_VARIANTS),
    )
    for name, size in sizes:
        assert max(len(getattr(one.kanji, name)) for one in all_kanji()) <= size, name


@needs_jmdict
def test_every_kanji_of_a_word_is_known() -> None:
    """`make fuzz` reads all words of JMdict, other runs a sample."""
    known = {one.kanji.character for one in all_kanji()}
    missing = {kanji for entry in sample() for kanji in kanji_of(usual_word(entry)) if kanji not in known}
    assert missing == set()


@needs_jmdict
def test_kanji_of_level_words_are_basic() -> None:
    """They are loaded before the server is ready."""
    basic = content_kanji.basic_kanji()
    known = {one.kanji.character for one in basic}
    assert {kanji for word in load_level_words() for kanji in kanji_of(word.word) if kanji not in known} == set()
    assert 3_000 < len(basic) < 3_300


@needs_jmdict
def test_easier_kanji_are_more_popular() -> None:
    bands = {level: {one.popularity for one in all_kanji() if one.level is level} for level in (*JlptLevel, None)}
    order = [*JlptLevel, None]
    for easier, harder in pairwise(order):
        assert min(bands[easier]) > max(bands[harder])
    assert min(bands[None]) == 0
    assert max(bands[JlptLevel.N5]) <= 100


@needs_jmdict
def test_kanji_of_the_former_test_have_levels() -> None:
    levels = {one.kanji.character: one.level for one in all_kanji()}
    path = database_path()
    assert path is not None
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        former = [character for (character,) in connection.execute("select literal from character where jlpt > ''")]
    assert len(former) > 2_200
    assert [character for character in former if levels[character] is None] == []
    assert levels["分"] is JlptLevel.N5


def test_kanji_of_the_levels_do_not_depend_on_kanjidic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("content.jmdict.database_path", lambda: None)
    found = read_kanji()
    assert len(found) == 2211
    assert all(is_basic(one) and one.kanji.meanings and one.kanji.stroke_count for one in found)
    assert found[0].kanji.character == "日"
    assert found[0].kanji.kunyomi == ("ひ", "-び", "-か")


@needs_jmdict
def test_ids_of_kanji_do_not_depend_on_kanjidic(monkeypatch: pytest.MonkeyPatch) -> None:
    positions = {one.kanji.character: one.position for one in all_kanji()}
    assert database_path() is not None
    monkeypatch.setattr("content.jmdict.database_path", lambda: None)
    assert all(positions[one.kanji.character] == one.position for one in read_kanji())
    assert len(set(positions.values())) == len(positions)


@needs_jmdict
def test_spellings_of_entries() -> None:
    path = database_path()
    assert path is not None
    with open_jmdict(path) as jmdict:
        assert jmdict.spellings([1358280, 1000225]) == ["明白", "偸閑", "白地", "食べる", "喰べる"]


@needs_jmdict
@needs_kanjivg
@pytest.mark.timeout(600)
def test_drawings_of_kanji() -> None:
    drawings = KanjiVG()
    drawn = [
        (one.kanji, drawing)
        for one in all_kanji()
        if is_basic(one) and (drawing := drawings.drawing(one.kanji.character)).strokes
    ]
    assert len(drawn) > 2900
    assert max(len(drawing.strokes) for _, drawing in drawn) <= list_sizes.MAX_STROKES
    assert max(len(drawing.components) for _, drawing in drawn) <= list_sizes.MAX_COMPONENTS
    components = {component for _, drawing in drawn for component in drawing.components}
    assert [one for one in components if one not in parse_kanji_query(one).characters or not one.isalpha()] == []
    assert all(re.match("[Mm]", path) and len(path) < 500 for _, drawing in drawn for path in drawing.strokes)
    different = [kanji.character for kanji, drawing in drawn if len(drawing.strokes) != kanji.stroke_count]
    assert len(different) < 0.02 * len(drawn)


@needs_kanjivg
def test_drawing_has_strokes_and_components() -> None:
    drawing = KanjiVG().drawing("語")
    assert len(drawing.strokes) == 14
    assert drawing.components == ("言", "口", "吾", "五", "二")
    assert KanjiVG().drawing("\U0002ffff").strokes == ()


SVG = '<svg xmlns:kvg="k"><g kvg:element="{element}"><path d="M1,2"/><path d="M3,4"/></g></svg>'


def test_component_is_a_single_other_character() -> None:
    assert parse_drawing("明", SVG.format(element="日").encode()).components == ("日",)
    for element in ("明", "CDP-8BD0", ""):
        assert parse_drawing("明", SVG.format(element=element).encode()).components == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg><path/></svg>",
        b"<svg>",
        b"\xff\xfe\x00",
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg><path d="&a;"/></svg>',
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>',
        b"<svg>" + b" " * 70_000 + b"</svg>",
    ],
)
def test_damaged_drawing_is_rejected(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^The drawing of 明 "):
        parse_drawing("明", data)


def test_popularity_is_by_level_then_frequency() -> None:
    def popularity(level: JlptLevel | None, frequency: int | None, grade: int | None = None) -> int:
        kanji = KanjidicKanji("一", (), (), (), (), 1, grade, frequency, None, ())
        return ContentKanji(0, kanji, level).popularity

    assert popularity(JlptLevel.N5, 1) == 99
    assert popularity(JlptLevel.N5, None) == 90
    assert popularity(JlptLevel.N1, 2501) == 50
    assert popularity(None, 1, 1) == 45
    assert popularity(None, None, 9) == 10
    assert popularity(None, None) == 0
