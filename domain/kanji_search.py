"""Normalizes readings and meanings of kanji for search, and parses what people search for.

Readings are compared in hiragana. Romaji has long vowels in many spellings (shō, shou, sho), so its sound is compared,
too, in keys that start with `~`. Meanings are compared as a whole and by the stems of their words.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from domain.kanji_characters import KANJI_RANGES, RADICAL_FORMS
from domain.search.english import gloss_key, stems, words
from domain.search.folding import fold, plain, visible
from domain.search.kana import kana_of_romaji, phonetic, romaji

# With radicals.
_KANJI = re.compile(f"[⺀-⿕{KANJI_RANGES}]")
_STROKES = re.compile(r"(?<!\d)(\d{1,2})[\s-]*(?:画|strokes?\b)")
_MARKS = re.compile(r"[-.・]")
_TYPED_FORMS = str.maketrans(RADICAL_FORMS | dict.fromkeys("’‘ʼ", "'") | dict.fromkeys('“”„"«»「」『』', " "))


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
    text = visible(text).translate(_TYPED_FORMS)
    folded = fold(text)
    strokes = _STROKES.search(folded)
    rest = _STROKES.sub(" ", folded).strip() if strokes else folded
    characters = tuple(dict.fromkeys(_KANJI.findall(rest)))
    if not characters and len(rest) == 1:
        # Such as the component マ, which folding makes hiragana.
        characters = tuple(dict.fromkeys((text.strip(), rest)))
    is_reading = bool(rest) and not _KANJI.search(rest)
    meaning = gloss_key(words(rest)) if is_reading and plain(rest).isascii() else None
    return KanjiQuery(
        characters,
        reading_keys(rest) if is_reading else (),
        meaning or None,
        words_of(rest) if meaning else (),
        int(strokes[1]) if strokes else None,
    )


def has_kanji_or_radical(text: str) -> bool:
    return _KANJI.search(text) is not None


def usual_component(character: str) -> str:
    """Return a component in the form in which kanji have it: 人 for a radical of Unicode's, 辶 for ⻌."""
    return unicodedata.normalize("NFKC", character.translate(_TYPED_FORMS))


def reading_keys(reading: str) -> tuple[str, ...]:
    """Return the keys by which a reading is found, as a client types it: with or without marks, in kana or romaji."""
    folded = _MARKS.sub("", fold(reading)).replace(" ", "")
    if plain(folded).isascii():
        kana = kana_of_romaji(_MARKS.sub("", reading))
        return _keys(kana[0]) if kana else ()
    return (folded,) if folded else ()


def whole_readings(readings: Iterable[str]) -> list[str]:
    """Return the keys of readings, each as a whole, in their order."""
    return list(_unique(key for reading in readings for key in _keys(_MARKS.sub("", fold(reading)))))


def partial_readings(kunyomi: Iterable[str], nanori: Iterable[str]) -> list[str]:
    """Return the keys of the readings without okurigana, and of those in names."""
    without_okurigana = (reading.strip("-").partition(".")[0] for reading in kunyomi if "." in reading)
    return list(
        _unique(key for reading in (*without_okurigana, *nanori) for key in _keys(_MARKS.sub("", fold(reading))))
    )


def whole_meanings(meanings: Iterable[str]) -> list[str]:
    return list(_unique(gloss_key(words(meaning)) for meaning in meanings))


def words_of(meaning: str) -> tuple[str, ...]:
    """Return the stems of the words of a meaning, each once."""
    return tuple(stems(words(meaning)))


def _keys(hiragana: str) -> tuple[str, ...]:
    sound = phonetic(romaji(hiragana))
    return (hiragana, f"~{sound}") if sound else (hiragana,)


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(filter(None, dict.fromkeys(texts)))
