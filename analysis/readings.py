"""Readings of morphemes in hiragana, with corrections of Sudachi's."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from analysis.counters import counter_reading, read_counted
from analysis.morphemes import Morpheme
from analysis.numbers import INDEFINITE, kanji_amount, read_amount
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
    ("何人", "なんぴと"): "なんにん",
    ("何分", "なにぶん"): "なんぷん",
    ("何時", "いつ"): "なんじ",
    ("他", "た"): "ほか",
    ("我", "わが"): "われ",
    ("明後日", "みょうごにち"): "あさって",
    ("昨夜", "さくや"): "ゆうべ",
    ("白髪", "はくはつ"): "しらが",
    ("ちり紙", "ちりし"): "ちりがみ",
    ("貴女", "きじょ"): "あなた",
    ("玩具", "がんぐ"): "おもちゃ",
    ("煩い", "わずらい"): "うるさい",
    ("不味い", "まじい"): "まずい",
    ("込む", "ごむ"): "こむ",
    ("就く", "づく"): "つく",
    ("下品", "げぼん"): "げひん",
    ("混じる", "こんじる"): "まじる",
    ("帰す", "きす"): "かえす",
    ("身近", "みじか"): "みぢか",
    ("手近", "てじか"): "てぢか",
    ("近々", "ちかじか"): "ちかぢか",
    ("真ん丸い", "まんまりい"): "まんまるい",
    ("常", "えいきゅう"): "つね",
    ("真", "まな"): "しん",
    ("若しくは", "もしくわ"): "もしくは",
    ("或いは", "あるいわ"): "あるいは",
}
# Of nouns that no other noun or affix is next to: 米国 is べいこく.
_USUAL_ALONE = {"数": "かず", "米": "こめ", "仏": "ほとけ"}
_UNPRONOUNCED = frozenset((TokenPartOfSpeech.SYMBOL, TokenPartOfSpeech.WHITESPACE))
# 何 is なに before these, verbs and adjectives, and at the end; なん before other particles, counters and forms of だ.
_AFTER_NANI = frozenset("もをがかにへよや気一")
_PREDICATE = Role.VERB | Role.ADJECTIVE
_is_read_in_context = attrgetter("is_read_in_context")
_LEADING_KANA = re.compile(r"[ぁ-ゖー]*")
_READ_YUU = re.compile("^ゆ(?=[うっ])")


def usual_readings(morphemes: Iterable[Morpheme]) -> list[str | None]:
    """Return the reading of each morpheme alone; None for symbols, digits and what is not Japanese."""
    return [
        _reading(morpheme.surface, morpheme.reading) if morpheme.grammar.part_of_speech not in _UNPRONOUNCED else None
        for morpheme in morphemes
    ]


class ReadingsInContext(NamedTuple):
    """The reading of each morpheme, and by index those that numbers and counters have alone, such as ほん for 本."""

    readings: list[str | None]
    alone: dict[int, str | None]


def readings_of(morphemes: Sequence[Morpheme]) -> ReadingsInContext | None:
    """Return the readings of a sentence; None if all are the usual ones."""
    if not any(map(_is_read_in_context, morphemes)):
        return None
    readings = usual_readings(morphemes)
    alone: dict[int, str | None] = {}
    for index, morpheme in enumerate(morphemes):
        before = morphemes[index - 1] if index else None
        following = morphemes[index + 1] if index + 1 < len(morphemes) else None
        counted = _counted(morphemes, index)
        if counted is not None:
            alone[index], alone[index + 1] = readings[index], counter_reading(morphemes[index + 1].surface)
            readings[index] = counted[0] if readings[index] is not None else None
            readings[index + 1] = counted[1] or readings[index + 1]
        elif morpheme.surface == "何":
            if (
                following is None
                or following.surface[0] in _AFTER_NANI
                or following.roles & _PREDICATE
                or (following.grammar.part_of_speech in _UNPRONOUNCED)
            ):
                readings[index] = "なに"
        elif morpheme.surface == "日" and before is not None and before.surface.endswith("曜"):
            readings[index], alone[index] = "び", "ひ"
        elif morpheme.surface in _USUAL_ALONE:
            if not any(one is not None and one.roles & Role.NOMINAL for one in (before, following)):
                readings[index] = _USUAL_ALONE[morpheme.surface]
        elif morpheme.dictionary_form == "入る" and [one.surface for one in morphemes[:index][-2:]] == ["気", "に"]:
            readings[index] = (readings[index] or "").replace("はい", "い", 1)
    return ReadingsInContext(readings, alone)


def _counted(morphemes: Sequence[Morpheme], index: int) -> tuple[str, str] | None:
    """Return the readings of a number at the index and its counter; None if there are none."""
    number = morphemes[index]
    if number.surface == "何" and index + 1 < len(morphemes) and morphemes[index + 1].surface == "一":
        # 何一つ
        return None
    if index + 1 == len(morphemes) or not (number.roles & Role.NUMERAL or number.surface in INDEFINITE):
        return None
    counter = morphemes[index + 1]
    is_frequent = counter_reading(counter.surface) is not None
    if not (counter.roles & Role.NOMINAL and (is_frequent or number.roles & Role.NUMERAL)):
        return None
    reading = hiragana(counter.reading)
    if reading == "ぶん" and index + 3 < len(morphemes) and _is_part(morphemes[index + 2], morphemes[index + 3]):
        return read_amount(number.surface) or "", reading
    after = morphemes[index - 1].surface if index else ""
    return read_counted(number.surface, counter.surface, reading, after=after)


def _is_part(particle: Morpheme, number: Morpheme) -> bool:
    """Whether 三分 is a third, as in 三分の一."""
    return particle.surface == "の" and bool(number.roles & Role.NUMERAL or number.surface in INDEFINITE)


@lru_cache(maxsize=1 << 13)
def _reading(surface: str, katakana: str) -> str | None:
    if _KANA.fullmatch(surface):
        return hiragana(surface)
    if unicodedata.normalize("NFKC", surface).isascii():
        return None
    amount = kanji_amount(surface) if surface[0].isdecimal() else surface
    number = read_amount(amount) if amount is not None and surface not in INDEFINITE else None
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
