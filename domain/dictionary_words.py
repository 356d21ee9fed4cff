"""A word of the dictionary with what the search and the lists of words derive from its forms and senses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from domain.corrections import Values
from domain.dictionary import UNUSUAL_TAGS, FormKind
from domain.furigana import Readings
from domain.inflection.word_classes import word_classes_of
from domain.list_sizes import MAX_MEANING_LENGTH, MAX_MEANINGS
from domain.search.index_keys import keys_of
from domain.search.index_words import index_word
from domain.search.kana import romaji
from domain.user_errors import UserErrorCode
from domain.validation import Validator

_KANA = re.compile("[ぁ-ゖゝゞァ-ヺー-ヿ・、〜～]+")


@dataclass(frozen=True, slots=True)
class WordForm:
    """A spelling or a reading. `tags`: JMdict's codes."""

    text: str
    kind: str
    is_common: bool
    tags: Sequence[str]

    @property
    def is_unusual(self) -> bool:
        return not UNUSUAL_TAGS.isdisjoint(self.tags)


def first_meanings(glosses: Sequence[Sequence[str]]) -> list[str]:
    """Return the first glosses of the senses in their order, each once, without a few very long explanations."""
    found = dict.fromkeys(gloss for sense in glosses for gloss in sense if len(gloss) <= MAX_MEANING_LENGTH)
    return list(islice(found, MAX_MEANINGS))


def check_word(values: Values) -> None:
    """Raises InvalidInput for a word, a reading or forms of a sense that are not among the forms, and without kana."""
    forms = {kind: [form["text"] for form in values["forms"] if form["kind"] == kind.value] for kind in FormKind}
    texts = [*forms[FormKind.KANJI], *forms[FormKind.KANA]]
    validator = Validator()
    if len(set(texts)) < len(texts):
        validator.add_error(UserErrorCode.INVALID, "forms: one is given twice.", "forms")
    if not_kana := next((text for text in forms[FormKind.KANA] if not _KANA.fullmatch(text)), None):
        validator.add_error(UserErrorCode.INVALID, f"forms: {not_kana!r} has other characters than kana.", "forms")
    for name, allowed in (("word", texts), ("reading", forms[FormKind.KANA])):
        if values[name] not in allowed:
            message = f"{name}: {values[name]!r} is not one of the forms {', '.join(allowed) or '(none)'}."
            validator.add_error(UserErrorCode.INVALID, message, name)
    for place, sense in enumerate(values["senses"]):
        if unknown := next((text for text in sense["forms"] if text not in texts), None):
            message = f"forms: {unknown!r} is not one of the word's forms."
            validator.add_error(UserErrorCode.INVALID, message, "senses", str(place), "forms")
    validator.raise_if_invalid()


@dataclass(frozen=True, slots=True)
class Word:
    """`values`: those of `CorrectedWord`. `latin`: the reading in romaji."""

    values: Values
    latin: str
    is_common: bool

    def replace(self, values: Values) -> "Word":
        """Return the word with other values."""
        latin = self.latin if values["reading"] == self.values["reading"] else romaji(values["reading"])
        return Word(values, latin, self.is_common)

    @property
    def glosses(self) -> list[list[str]]:
        return [sense["glosses"] for sense in self.values["senses"]]

    @property
    def meanings(self) -> list[str]:
        return first_meanings(self.glosses)

    @property
    def inflection(self) -> int:
        """The word classes of all senses as a bit mask."""
        parts = (part for sense in self.values["senses"] for part in sense["partsOfSpeech"])
        return int(word_classes_of(parts))

    def forms(self, kind: FormKind) -> list[WordForm]:
        return [
            WordForm(form["text"], form["kind"], form["isCommon"], form["tags"])
            for form in self.values["forms"]
            if form["kind"] == kind.value
        ]

    def search_keys(self, readings: Readings) -> dict[str, float]:
        """Return the keys by which the search finds the word, with their scores."""
        indexed = index_word(
            self.forms(FormKind.KANJI),
            self.forms(FormKind.KANA),
            self.glosses,
            word=self.values["word"],
            reading=self.values["reading"],
            latin=self.latin,
            popularity=self.values["popularity"],
            # The search also finds words of the levels with typos.
            is_common=self.is_common or self.values["jlptLevel"] is not None,
            parts_of_speech=self.values["senses"][0]["partsOfSpeech"],
            kanji_readings=readings,
        )
        return keys_of(indexed)
