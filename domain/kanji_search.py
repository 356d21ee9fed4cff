"""Normalizes readings and meanings of kanji for search, and parses what people search for.

Readings are compared in hiragana. Romaji has long vowels in many spellings (shō, shou, sho), so it is compared as
hiragana with short vowels, in keys that start with `~`. Meanings are compared as a whole and by their words.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import jaconv

from domain.kanji_characters import KANJI_RANGES
from domain.search.folding import fold, plain

_NOTES = re.compile(r"\([^)]*\)?")
_LEADING = re.compile(r"^(to|an?|the) (?=.)")
# With radicals.
_KANJI = re.compile(f"[⺀-⿕{KANJI_RANGES}]")
_STROKES = re.compile(r"(?<!\d)(\d{1,2})\s*(?:画|strokes?\b)")
_MARKS = re.compile(r"[-.・]")
_WORDS = re.compile(r"[^\W_]+")
# The second kana of a long vowel.
_LONG = re.compile(
    "(?<=[おこそとのほもよろをごぞどぼぽょぉうくすつぬふむゆるぐずづぶぷゅぅ])う|(?<=[おこそとのほもよろをごぞどぼぽょぉ])お"
    "|(?<=[えけせてねへめれげぜでべぺぇいきしちにひみりぎじぢびぴぃ])い|(?<=[えけせてねへめれげぜでべぺぇ])え"
    "|(?<=[あかさたなはまやらわがざだばぱゃぁ])あ|ー"
)


@dataclass(frozen=True, slots=True)
class KanjiQuery:
    """What a query may mean: characters, readings, words of a meaning, and a number of strokes that all results have.

    `meaning`: the whole meaning. A field is empty or None if the query cannot mean it.
    """

    characters: tuple[str, ...]
    readings: tuple[str, ...]
    meaning: str | None
    words: tuple[str, ...]
    stroke_count: int | None


def parse_kanji_query(text: str) -> KanjiQuery:
    """Parse a query such as 分, わける, wakeru, divide, 12画 or "water 9 strokes"."""
    folded = fold(text)
    strokes = _STROKES.search(folded)
    rest = _STROKES.sub(" ", folded).strip() if strokes else folded
    characters = tuple(dict.fromkeys(_KANJI.findall(rest)))
    if not characters and len(rest) == 1:
        # Such as the component マ, which folding makes hiragana.
        characters = tuple(dict.fromkeys((text.strip(), rest)))
    is_reading = bool(rest) and not _KANJI.search(rest)
    meaning = _folded_meaning(plain(rest)) if is_reading and plain(rest).isascii() else None
    return KanjiQuery(
        characters,
        reading_keys(rest) if is_reading else (),
        meaning or None,
        words_of(meaning) if meaning else (),
        int(strokes[1]) if strokes else None,
    )


def reading_keys(reading: str) -> tuple[str, ...]:
    """Return the keys by which a reading is found, as a client types it: with or without marks, in kana or romaji."""
    folded = _MARKS.sub("", fold(reading)).replace(" ", "")
    latin = re.sub(r"[^a-z]", "", plain(folded))
    if plain(folded).isascii():
        # jaconv reads `we` as っえ.
        return _keys(jaconv.alphabet2kana(latin.replace("we", "ue"))) if latin else ()
    return (folded,) if folded else ()


def whole_readings(readings: Iterable[str]) -> list[str]:
    """Return the keys of readings, each as a whole, in their order."""
    return list(_unique(key for reading in readings for key in _keys(_MARKS.sub("", fold(reading)))))


def partial_readings(kunyomi: Iterable[str], nanori: Iterable[str]) -> list[str]:
    """Return the keys of the readings without okurigana, and of those in names."""
    stems = (reading.strip("-").partition(".")[0] for reading in kunyomi if "." in reading)
    return list(_unique(key for reading in (*stems, *nanori) for key in _keys(_MARKS.sub("", fold(reading)))))


def whole_meanings(meanings: Iterable[str]) -> list[str]:
    return list(_unique(_folded_meaning(plain(meaning)) for meaning in meanings))


def words_of(meaning: str) -> tuple[str, ...]:
    """Return the words of a meaning, each once."""
    return _unique(_WORDS.findall(meaning))


def _keys(hiragana: str) -> tuple[str, str]:
    return hiragana, "~" + _LONG.sub("", hiragana)


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(filter(None, dict.fromkeys(texts)))


def _folded_meaning(text: str) -> str:
    """Return English without notes in brackets, leading articles and the `to` of a verb."""
    return _LEADING.sub("", fold(_NOTES.sub(" ", text)))
