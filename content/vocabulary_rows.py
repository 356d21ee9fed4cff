"""The rows of a word: the ones that the words of the JLPT lists and the other entries of JMdict have in common."""

from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID

from content.jmdict import JmdictEntry
from content.level_words import LevelWord
from content.openjlpt import kanji_of
from domain.dictionary import FormKind
from domain.dictionary_words import first_meanings
from domain.inflection.word_classes import word_classes_of
from domain.list_sizes import MAX_KANJI_OF_WORD, MAX_MEANINGS

FORM_COLUMNS = ("vocabulary_id", "position", "text", "kind", "is_common", "tags")
SENSE_COLUMNS = (
    "vocabulary_id",
    "position",
    "parts_of_speech",
    "fields",
    "misc",
    "dialects",
    "glosses",
    "note",
    "forms",
)
KANJI_COLUMNS = ("vocabulary_id", "position", "kanji_id")

_Rows = Iterator[tuple[object, ...]]


def meanings_of(entry: JmdictEntry) -> list[str]:
    """Return the first glosses of the senses in their order, each once, without a few very long explanations."""
    return first_meanings([sense.glosses for sense in entry.senses])


def inflection_of(entry: JmdictEntry) -> int:
    """Return the word classes of all senses as a bit mask."""
    return int(word_classes_of(part for sense in entry.senses for part in sense.parts_of_speech))


def form_rows(id: UUID, entry: JmdictEntry) -> _Rows:
    kinds = [(FormKind.KANJI, form) for form in entry.spellings] + [(FormKind.KANA, form) for form in entry.readings]
    for position, (kind, form) in enumerate(kinds):
        yield id, position, form.text, kind.value, form.is_common, [tag.value for tag in form.tags]


def sense_rows(id: UUID, entry: JmdictEntry) -> _Rows:
    for position, sense in enumerate(entry.senses):
        yield (
            id,
            position,
            [code.value for code in sense.parts_of_speech],
            [code.value for code in sense.fields],
            [code.value for code in sense.labels],
            [code.value for code in sense.dialects],
            list(sense.glosses),
            sense.note,
            list(sense.forms),
        )


def listed_form_rows(id: UUID, word: LevelWord) -> _Rows:
    """Return the forms of a word that JMdict does not have."""
    spellings = dict.fromkeys(spelling for entry in word.listed for spelling in entry.spellings)
    readings = dict.fromkeys(reading for entry in word.listed for reading in entry.readings)
    kinds = [(FormKind.KANJI, text) for text in spellings if text not in readings]
    kinds += [(FormKind.KANA, text) for text in readings]
    for position, (kind, text) in enumerate(kinds):
        yield id, position, text, kind.value, False, []


def listed_sense_rows(id: UUID, word: LevelWord) -> _Rows:
    """Return the sense of a word that JMdict does not have."""
    yield id, 0, [], [], [], [], listed_meanings(word), None, []


def listed_meanings(word: LevelWord) -> list[str]:
    glosses = dict.fromkeys(meaning for entry in word.listed for meaning in entry.meanings)
    return list(islice(glosses, MAX_MEANINGS))


def kanji_rows(words: Iterable[tuple[UUID, str]], kanji_ids: dict[str, UUID]) -> _Rows:
    """Return the kanji of words, given with their ids, in the order of their characters."""
    for id, word in words:
        known = (kanji_ids[character] for character in kanji_of(word) if character in kanji_ids)
        for position, kanji_id in enumerate(islice(known, MAX_KANJI_OF_WORD)):
            yield id, position, kanji_id
