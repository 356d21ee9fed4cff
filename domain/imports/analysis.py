"""What is in a source, as it is stored and shown: bounded lists, and counts of matches."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self, TypeVar

import orjson

from common.text import truncate
from domain.enums import CardKind
from domain.ids import ImportId, VocabularyId
from domain.imports.mapping import ImportMapping, NoteTypeMapping, guess_mapping
from domain.imports.matching import Match, MatchKind, SearchedSubject
from domain.imports.records import (
    MAX_SAMPLES,
    ImportFormat,
    SourceDeck,
    SourceField,
    SourceNoteType,
    SourceSummary,
    SourceTemplate,
)
from domain.imports.text import Expression
from domain.user_errors import UserErrorCode, invalid_input

# Of a source with more, the largest are shown, and can be imported.
MAX_DECKS, MAX_NOTE_TYPES, MAX_FIELDS, MAX_TEMPLATES = 200, 100, 50, 20
MAX_WARNINGS = 20
MAX_WARNING_LENGTH = 300
MAX_AMBIGUOUS, MAX_CANDIDATES = 10_000, 8
# Of a mutation.
MAX_CHOICES = 500
MAX_UNKNOWN = 50
MAX_SAMPLE_LENGTH = 100
MAX_NAME_LENGTH = 200

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class AnalyzedNoteType:
    """A note type and the guess how it is mapped."""

    note_type: SourceNoteType
    guess: NoteTypeMapping

    @property
    def name(self) -> str:
        return self.note_type.name

    @property
    def note_count(self) -> int:
        return self.note_type.note_count

    @property
    def fields(self) -> tuple[SourceField, ...]:
        return self.note_type.fields

    @property
    def templates(self) -> tuple[SourceTemplate, ...]:
        return self.note_type.templates


@dataclass(frozen=True, slots=True)
class AmbiguousWord:
    """A form that several entries have. `candidates`: the best first."""

    form: str
    reading: str | None
    note_count: int
    candidates: tuple[VocabularyId, ...]


@dataclass(slots=True)
class MatchCounts:
    """Numbers of notes by how they match, with the guessed fields."""

    kinds: Counter[MatchKind] = field(default_factory=Counter)
    ambiguous: dict[Expression, tuple[int, tuple[VocabularyId, ...]]] = field(default_factory=dict)
    unknown: dict[Expression, None] = field(default_factory=dict)

    def add(self, searched: Iterable[SearchedSubject], matches: Mapping[SearchedSubject, Match]) -> None:
        for each in searched:
            found, expression = matches[each], each.expression
            self.kinds[found.kind] += 1
            if found.kind is MatchKind.AMBIGUOUS:
                count, candidates = self.ambiguous.get(expression, (0, ()))
                if count or len(self.ambiguous) < MAX_AMBIGUOUS:
                    candidates = candidates or tuple(each.id for each in found.candidates[:MAX_CANDIDATES])
                    self.ambiguous[expression] = count + 1, candidates
            elif found.kind is MatchKind.UNKNOWN and expression.form and len(self.unknown) < MAX_UNKNOWN:
                self.unknown[expression] = None

    def ambiguous_words(self) -> list[AmbiguousWord]:
        """Return those of the most notes first."""
        words = [
            AmbiguousWord(form, reading, count, candidates)
            for (form, reading), (count, candidates) in self.ambiguous.items()
        ]
        return sorted(words, key=lambda word: -word.note_count)


@dataclass(frozen=True, slots=True)
class ImportAnalysis:
    """`unknown_words`: the first ones, as form and reading. `import_id`: None unless it was saved."""

    format: ImportFormat
    decks: tuple[SourceDeck, ...]
    note_types: tuple[AnalyzedNoteType, ...]
    note_count: int
    card_count: int
    review_count: int
    first_reviewed_at: datetime | None
    last_reviewed_at: datetime | None
    warnings: tuple[str, ...]
    exact_count: int
    form_count: int
    ambiguous_count: int
    unknown_count: int
    unknown_words: tuple[Expression, ...]
    import_id: ImportId | None = None

    @classmethod
    def of(cls, summary: SourceSummary, note_types: Iterable[AnalyzedNoteType], matches: MatchCounts) -> Self:
        return cls(
            summary.format,
            tuple(_largest(summary.decks, lambda deck: deck.card_count, MAX_DECKS)),
            tuple(note_types),
            summary.note_count,
            summary.card_count,
            summary.review_count,
            summary.first_reviewed_at,
            summary.last_reviewed_at,
            tuple(warning[:MAX_WARNING_LENGTH] for warning in (*_omitted(summary), *summary.warnings)[:MAX_WARNINGS]),
            matches.kinds[MatchKind.EXACT],
            matches.kinds[MatchKind.FORM],
            matches.kinds[MatchKind.AMBIGUOUS],
            matches.kinds[MatchKind.UNKNOWN],
            tuple(matches.unknown),
        )

    def to_json(self) -> str:
        return orjson.dumps(self, default=_encode).decode()

    @classmethod
    def from_json(cls, text: str, import_id: ImportId) -> Self:
        value: dict[str, Any] = orjson.loads(text)
        value["import_id"] = import_id
        for name in ("first_reviewed_at", "last_reviewed_at"):
            value[name] = None if value[name] is None else datetime.fromisoformat(value[name])
        value["format"] = ImportFormat(value["format"])
        value["decks"] = tuple(SourceDeck(**deck) for deck in value["decks"])
        value["note_types"] = tuple(map(_note_type, value["note_types"]))
        value["warnings"] = tuple(value["warnings"])
        # Of earlier versions.
        value.pop("ambiguous_words", None)
        value["unknown_words"] = tuple(Expression(*word) for word in value["unknown_words"])
        return cls(**value)

    def check_mapping(self, mapping: ImportMapping, decks: Sequence[str]) -> None:
        """Raises InvalidInput, with the path of the first name that the source does not have.

        `decks`: those of the mapping, in the order of the input.
        """
        known = {deck.name for deck in self.decks}
        for index, name in enumerate(decks):
            if name not in known:
                message = f"The source has no deck {truncate(name)!r}."
                raise invalid_input(UserErrorCode.NOT_FOUND, message, "decks", str(index))
        fields = {
            each.note_type.name: {candidate.name for candidate in each.note_type.fields} for each in self.note_types
        }
        for index, (name, mapped) in enumerate(mapping.note_types.items()):
            if name not in fields:
                message = f"The source has no note type {truncate(name)!r}."
                raise invalid_input(UserErrorCode.NOT_FOUND, message, "noteTypes", str(index), "name")
            for role in ("expression", "reading", "meaning", "sentence"):
                field_name = getattr(mapped, role)
                if field_name is not None and field_name not in fields[name]:
                    message = f"The note type {truncate(name)!r} has no field {truncate(field_name)!r}."
                    raise invalid_input(UserErrorCode.NOT_FOUND, message, "noteTypes", str(index), role)


def guess_mappings(summary: SourceSummary) -> list[AnalyzedNoteType]:
    """Return guesses for the note types with the most notes."""
    largest = _largest(summary.note_types, lambda each: each.note_count, MAX_NOTE_TYPES)
    return [AnalyzedNoteType(shown, guess_mapping(shown)) for shown in map(_bounded, largest)]


def _largest(items: Iterable[ItemT], size: Callable[[ItemT], int], number: int) -> list[ItemT]:
    """Return the largest first; those of the same size in their order."""
    return sorted(items, key=lambda item: -size(item))[:number]


def _omitted(summary: SourceSummary) -> Iterator[str]:
    """Yield warnings about what is beyond the limits."""
    note_types = _largest(summary.note_types, lambda each: each.note_count, len(summary.note_types))[MAX_NOTE_TYPES:]
    if note_types:
        notes = sum(each.note_count for each in note_types)
        yield (
            f"{len(note_types):,} of {len(summary.note_types):,} note types, with {notes:,} notes, are not imported: "
            f"the limit is {MAX_NOTE_TYPES}, and others have more notes."
        )
    if len(summary.decks) > MAX_DECKS:
        yield (
            f"{len(summary.decks) - MAX_DECKS:,} of {len(summary.decks):,} decks cannot be chosen, because others have "
            f"more cards. They are imported if no decks are chosen."
        )


def _bounded(note_type: SourceNoteType) -> SourceNoteType:
    return replace(
        note_type,
        fields=tuple(
            replace(each, samples=tuple(sample[:MAX_SAMPLE_LENGTH] for sample in each.samples[:MAX_SAMPLES]))
            for each in note_type.fields[:MAX_FIELDS]
        ),
        templates=note_type.templates[:MAX_TEMPLATES],
    )


def _note_type(value: dict[str, Any]) -> AnalyzedNoteType:
    note_type, guess = value["note_type"], value["guess"]
    return AnalyzedNoteType(
        SourceNoteType(
            note_type["name"],
            tuple(SourceField(each["name"], tuple(each["samples"])) for each in note_type["fields"]),
            tuple(
                SourceTemplate(each["ordinal"], each["name"], CardKind(each["kind"])) for each in note_type["templates"]
            ),
            note_type["note_count"],
        ),
        NoteTypeMapping.from_json(guess),
    )


def _encode(value: object) -> object:
    return list(value) if isinstance(value, tuple) else str(value)
