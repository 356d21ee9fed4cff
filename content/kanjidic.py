"""Reads KANJIDIC from the SQLite database of the package `jamdict-data`, which also has JMdict."""

import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# The first character of the Unicode block of the 214 radicals; NFKC makes a radical the kanji that it is.
_FIRST_RADICAL = 0x2F00
# KANJIDIC does not have these forms.
_USUAL_RADICALS = {"靑": "青", "戶": "戸"}
# Kinds of variants that name another kanji by its code; the others are numbers in printed dictionaries.
_CODES = ("jis208", "jis212", "jis213", "ucs")


@dataclass(frozen=True, slots=True)
class KanjidicKanji:
    """A kanji. Readings have dots before okurigana, and hyphens where something precedes or follows.

    `grade`: the school year in which it is taught, 8 for the rest of the jōyō kanji, 9 and 10 for names. `frequency`:
    the rank among the 2,501 most used in newspapers.
    """

    character: str
    meanings: tuple[str, ...]
    onyomi: tuple[str, ...]
    kunyomi: tuple[str, ...]
    nanori: tuple[str, ...]
    stroke_count: int
    grade: int | None
    frequency: int | None
    radical: str | None
    variants: tuple[str, ...]


# Words of JMdict are written with it.
_MISSING = (
    KanjidicKanji("仝", ("same", "as above"), ("ドウ", "トウ"), ("おな.じ",), (), 5, None, None, "人", ("同",)),
)


@cache
def read_kanjidic(path: Path) -> tuple[KanjidicKanji, ...]:
    """Return all kanji, in the order of KANJIDIC."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        return (*_read(connection), *_MISSING)


def _read(connection: sqlite3.Connection) -> Iterator[KanjidicKanji]:
    meanings = _grouped(connection, "select cid, value from meaning join rm_group on gid = ID where m_lang = ''")
    onyomi, kunyomi = (
        _grouped(connection, f"select cid, value from reading join rm_group on gid = ID where r_type = '{kind}'")
        for kind in ("ja_on", "ja_kun")
    )
    nanori = _grouped(connection, "select cid, value from nanori")
    radicals = _grouped(connection, "select cid, value from radical where rad_type = 'classical'")
    variants = _variants(connection)
    for id, character, strokes, grade, frequency in connection.execute(
        "select ID, literal, stroke_count, grade, freq from character order by ID"
    ):
        yield KanjidicKanji(
            character,
            tuple(meanings[id]),
            tuple(onyomi[id]),
            tuple(kunyomi[id]),
            tuple(nanori[id]),
            strokes,
            _number(grade),
            _number(frequency),
            _radical(int(radicals[id][0])),
            tuple(variant for variant in variants[id] if variant != character),
        )


def _radical(number: int) -> str:
    character = unicodedata.normalize("NFKC", chr(_FIRST_RADICAL + number - 1))
    return _USUAL_RADICALS.get(character, character)


def _variants(connection: sqlite3.Connection) -> dict[int, list[str]]:
    characters = {
        (kind, _code(value)): character
        for kind, value, character in connection.execute(
            "select cp_type, value, literal from codepoint join character on ID = cid"
        )
    }
    variants: dict[int, list[str]] = defaultdict(list)
    for id, kind, value in connection.execute(
        f"select cid, var_type, value from variant where var_type in {_CODES} order by rowid"
    ):
        variant = characters.get((kind, _code(value)))
        if variant is not None and variant not in variants[id]:
            variants[id].append(variant)
    return variants


def _code(value: str) -> str:
    """Return the code without leading zeros, which only some have: 1-52-02 is 1-52-2."""
    return "-".join(part.lstrip("0") for part in value.lower().split("-"))


def _grouped(connection: sqlite3.Connection, statement: str) -> dict[int, list[str]]:
    """Return the values of a statement by their kanji, each once."""
    values: dict[int, dict[str, None]] = defaultdict(dict)
    for id, value in connection.execute(statement):
        values[id][value] = None
    return defaultdict(list, {id: list(found) for id, found in values.items()})


def _number(text: str | None) -> int | None:
    return int(text) if text else None
