"""How notes become cards: fields, kinds of cards, decks, and what happens to unknown and ambiguous words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Self
from uuid import UUID

from domain.card_context import MAX_CONTEXT_LENGTH
from domain.enums import CardKind
from domain.ids import VocabularyId
from domain.imports.matching import ImportSubject
from domain.imports.records import ImportedNote, SourceField, SourceNoteType
from domain.imports.text import (
    MAX_EXPRESSION_LENGTH,
    MAX_MEANING_LENGTH,
    Expression,
    clean_line,
    clean_sentence,
    parse_character,
    parse_expression,
    parse_meaning,
    parse_sentence,
    plain_text,
)
from domain.search.folding import has_kanji
from domain.search.kana import is_kana


class UnknownWords(StrEnum):
    """What happens to words that the dictionary does not have.

    CREATE: they become cards with the learner's own text. SKIP: they are not imported.
    """

    CREATE = "CREATE"
    SKIP = "SKIP"


@dataclass(frozen=True, slots=True)
class NoteTypeMapping:
    """Fields by their names; None for a field that the note type does not have.

    `sentence`: the field with the context of the cards. `kinds`: what the cards of each template ask, by ordinal; None
    for one that is not imported. Notes without cards get those of all kinds.
    """

    expression: str | None
    reading: str | None = None
    meaning: str | None = None
    kinds: tuple[CardKind | None, ...] = (CardKind.RECOGNITION,)
    sentence: str | None = None
    subject: ImportSubject = ImportSubject.WORD

    def to_json(self) -> dict[str, Any]:
        return {
            "expression": self.expression,
            "reading": self.reading,
            "meaning": self.meaning,
            "kinds": [None if kind is None else kind.value for kind in self.kinds],
            "sentence": self.sentence,
            "subject": self.subject.value,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Values of earlier versions have neither sentence nor subject."""
        return cls(
            value["expression"],
            value["reading"],
            value["meaning"],
            tuple(None if kind is None else CardKind(kind) for kind in value["kinds"]),
            value.get("sentence"),
            ImportSubject(value.get("subject", ImportSubject.WORD)),
        )


# The entry for an ambiguous form and reading; None for a card with the learner's own text.
Choices = Mapping[Expression, VocabularyId | None]


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """`note_types`: by name; notes of others are skipped. `decks`: None for all of them."""

    note_types: Mapping[str, NoteTypeMapping]
    decks: frozenset[str] | None = None
    unknown_words: UnknownWords = UnknownWords.CREATE
    choices: Choices = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "noteTypes": {name: mapped.to_json() for name, mapped in self.note_types.items()},
            "decks": None if self.decks is None else sorted(self.decks),
            "unknownWords": self.unknown_words.value,
            "choices": [[form, reading, id and str(id)] for (form, reading), id in self.choices.items()],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        return cls(
            {name: NoteTypeMapping.from_json(mapped) for name, mapped in value["noteTypes"].items()},
            None if value["decks"] is None else frozenset(value["decks"]),
            UnknownWords(value["unknownWords"]),
            {
                Expression(form, reading): None if id is None else VocabularyId(UUID(id))
                for form, reading, id in value["choices"]
            },
        )


_NAMES = {
    "expression": {
        *("expression", "word", "vocab", "vocabulary", "kanji", "front", "japanese", "term", "characters", "target"),
        *("vocabulary-kanji", "vocab-kanji", "単語", "表記", "日本語", "語", "漢字", "言葉", "見出し語"),
    },
    "reading": {
        *("reading", "readings", "kana", "furigana", "hiragana", "yomi", "yomigana", "pronunciation"),
        *(
            "vocabulary-kana",
            "vocab-kana",
            "vocabulary-furigana",
            "読み",
            "よみ",
            "かな",
            "読み方",
            "ふりがな",
            "振り仮名",
        ),
    },
    "meaning": {
        *("meaning", "meanings", "english", "definition", "definitions", "back", "translation", "gloss", "glossary"),
        *("vocabulary-english", "vocab-english", "意味", "英語", "訳", "定義"),
    },
    "sentence": {
        *("sentence", "sentences", "context", "example", "examples", "example-sentence", "sentence-japanese"),
        *("sentence-kanji", "expression-sentence", "文", "例文", "文脈"),
    },
}
_KANJI = re.compile("kanji|漢字", re.IGNORECASE)


def is_known_field_name(name: str) -> bool:
    """Whether a name looks like that of a field, and not like content."""
    return any(_normalize(name) in names for names in _NAMES.values())


def guess_mapping(note_type: SourceNoteType) -> NoteTypeMapping:
    """Guess the fields by their names, and what is missing by their samples."""
    found: dict[str, str] = {}
    for role, names in _NAMES.items():
        for candidate in note_type.fields:
            if _normalize(candidate.name) in names and candidate.name not in found.values():
                found[role] = candidate.name
                break
    for candidate in note_type.fields:
        guess = _role_of_samples(candidate)
        if guess is not None and guess not in found and candidate.name not in found.values():
            found[guess] = candidate.name
    if "expression" not in found and "reading" in found:
        found["expression"] = found.pop("reading")
    kinds = tuple(template.kind for template in sorted(note_type.templates, key=lambda each: each.ordinal))
    return NoteTypeMapping(
        found.get("expression"),
        found.get("reading"),
        found.get("meaning"),
        kinds or (CardKind.RECOGNITION,),
        found.get("sentence"),
        _guess_subject(note_type, found.get("expression")),
    )


class NoteFields(NamedTuple):
    """The fields of a note as plain text."""

    expression: Expression
    meaning: str
    sentence: str


def read_fields(note: ImportedNote, mapped: NoteTypeMapping) -> NoteFields:
    names = (mapped.expression, mapped.reading, mapped.meaning, mapped.sentence)
    expression, reading, meaning, sentence = (_text(note.fields, name) for name in names)
    if note.is_plain:
        return NoteFields(
            Expression(
                clean_line(expression, MAX_EXPRESSION_LENGTH), clean_line(reading, MAX_EXPRESSION_LENGTH) or None
            ),
            clean_line(meaning, MAX_MEANING_LENGTH),
            clean_sentence(sentence, MAX_CONTEXT_LENGTH),
        )
    parsed = parse_expression(expression, reading)
    if mapped.subject is ImportSubject.KANJI:
        parsed = parsed._replace(form=parse_character(expression) or parsed.form)
    return NoteFields(parsed, parse_meaning(meaning), parse_sentence(sentence, MAX_CONTEXT_LENGTH))


def _text(fields: Mapping[str, str], name: str | None) -> str:
    return "" if name is None else fields.get(name, "")


def _normalize(name: str) -> str:
    return name.strip().casefold().replace("_", "-").replace(" ", "-")


def _guess_subject(note_type: SourceNoteType, expression: str | None) -> ImportSubject:
    """Guess that notes are about kanji: all of the first ones have a single one, and their type is named so."""
    samples = [sample for each in note_type.fields if each.name == expression for sample in each.samples]
    forms = [parse_expression(sample).form for sample in samples]
    if not forms or not all(len(form) == 1 and has_kanji(form) for form in forms):
        return ImportSubject.WORD
    return ImportSubject.KANJI if _KANJI.search(note_type.name) else ImportSubject.WORD


def _role_of_samples(candidate: SourceField) -> str | None:
    samples: Sequence[str] = [text for sample in candidate.samples if (text := plain_text(sample))]
    if not samples:
        return None
    if all(is_kana(sample.replace(" ", "")) for sample in samples):
        return "reading"
    if all(has_kanji(sample) or is_kana(sample) for sample in samples) and all(len(sample) <= 20 for sample in samples):
        return "expression"
    if all(sample.isascii() and any(map(str.isalpha, sample)) for sample in samples):
        return "meaning"
    return None
