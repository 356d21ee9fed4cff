"""Readings of morphemes in hiragana, with corrections of Sudachi's."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import attrgetter

from analysis.morphemes import Morpheme
from analysis.numbers import read_counted, read_number
from analysis.parts_of_speech import Role, TokenPartOfSpeech
from domain.search.kana import hiragana

_KANA = re.compile(r"[ぁ-ゖァ-ヺーゝゞヽヾ・]+")

# Words that Sudachi reads in a way that is rare or formal, by surface and by Sudachi's reading.
_USUAL = {
    ("私", "わたくし"): "わたし",
    ("日本", "にっぽん"): "にほん",
    ("一度", "ひとたび"): "いちど",
    ("明日", "あす"): "あした",
    ("何人", "なにじん"): "なんにん",
    ("何時", "いつ"): "なんじ",
    ("他", "た"): "ほか",
    ("我", "わが"): "われ",
}
_UNPRONOUNCED = frozenset((TokenPartOfSpeech.SYMBOL, TokenPartOfSpeech.WHITESPACE))
# 何 is なに before these, and なん before other particles, counters and forms of だ.
_AFTER_NANI = frozenset("もをがかにへ")
_is_read_in_context = attrgetter("is_read_in_context")
_LEADING_KANA = re.compile(r"[ぁ-ゖー]*")
_READ_YUU = re.compile("^ゆ(?=[うっ])")


def usual_readings(morphemes: Iterable[Morpheme]) -> list[str | None]:
    """Return the reading of each morpheme alone; None for symbols, digits and what is not Japanese."""
    return [
        _reading(morpheme.surface, morpheme.reading) if morpheme.grammar.part_of_speech not in _UNPRONOUNCED else None
        for morpheme in morphemes
    ]


def readings_of(morphemes: Sequence[Morpheme]) -> list[str | None] | None:
    """Return the reading of each morpheme of a sentence; None if all are the usual ones."""
    if not any(map(_is_read_in_context, morphemes)):
        return None
    readings = usual_readings(morphemes)
    for index, morpheme in enumerate(morphemes):
        following = morphemes[index + 1].surface if index + 1 < len(morphemes) else ""
        if morpheme.surface == "何":
            readings[index] = "なに" if following[:1] in _AFTER_NANI and following else readings[index]
        elif morpheme.surface == "日" and index and morphemes[index - 1].surface.endswith("曜"):
            readings[index] = "び"
        elif following and morpheme.roles & Role.NUMERAL:
            is_date = index > 0 and morphemes[index - 1].surface == "月"
            reading = hiragana(morphemes[index + 1].reading)
            counted = read_counted(morpheme.surface, following, reading, is_date=is_date)
            if counted is not None and morphemes[index + 1].roles & Role.NOMINAL:
                readings[index] = counted[0] if readings[index] is not None else None
                readings[index + 1] = counted[1]
    return readings


@lru_cache(maxsize=1 << 13)
def _reading(surface: str, katakana: str) -> str | None:
    if _KANA.fullmatch(surface):
        return hiragana(surface)
    if unicodedata.normalize("NFKC", surface).isascii():
        return None
    number = read_number(surface)
    if number is not None:
        return number
    reading = hiragana(katakana)
    if not _KANA.fullmatch(reading):
        return None
    if surface[0] in "言云謂":
        reading = _READ_YUU.sub("い", reading)
    return _USUAL.get((surface, reading), reading)


def dictionary_reading(surface: str, reading: str | None, dictionary_form: str) -> str | None:
    """Return the reading of the dictionary form of a word whose surface has this reading: たべる for 食べた."""
    if surface == dictionary_form or reading is None:
        return reading
    if _KANA.fullmatch(dictionary_form):
        return hiragana(dictionary_form)
    if dictionary_form == "来る":
        return "くる"
    if surface[0] != dictionary_form[0] and surface[1:2] == dictionary_form[0]:
        # お待ちください
        surface, reading = surface[1:], reading[1:]
    same = 0
    while same < min(len(surface), len(dictionary_form)) and surface[same] == dictionary_form[same]:
        same += 1
    ending = hiragana(surface[same:])
    if not reading.endswith(ending) and not _KANA.fullmatch(ending):
        # An auxiliary in kanji, such as 持って行った: what follows the stem is not known by its kana alone.
        kana = _LEADING_KANA.match(ending)
        before = reading.find(kana[0]) if kana and kana[0] else -1
        return reading[:before] + hiragana(dictionary_form[same:]) if before > 0 else None
    return reading.removesuffix(ending) + hiragana(dictionary_form[same:])
