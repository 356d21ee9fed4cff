"""A package of Anki as a source of imports."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Self

from content.anki.cards import CardReader
from content.anki.database import CollectionDatabase
from content.anki.metadata import NoteType, read_metadata
from content.anki.packages import MAX_COLLECTION_BYTES, extract_collection
from content.anki.rows import NoteRow, NoteRows, read_notes
from content.anki.templates import guess_kind
from domain.enums import CardKind
from domain.imports.records import (
    MAX_FIELD_LENGTH,
    MAX_SAMPLES,
    ImportedCard,
    ImportedNote,
    ImportFormat,
    RejectedNote,
    SourceDeck,
    SourceField,
    SourceNoteType,
    SourceSummary,
    SourceTemplate,
)
from domain.scheduling.days import StudyDays

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_NOTE_ID = 7_258_118_400_000
_MAX_KEY_LENGTH = 100
_MAX_TAGS, _MAX_TAG_LENGTH = 100, 200
_MAX_SAMPLE_LENGTH = 200
_FIELD_SEPARATOR = "\x1f"
_UNKNOWN_DECK = "Default"
_COUNTS = "SELECT (SELECT count(*) FROM notes), (SELECT count(*) FROM cards)"
_LOG_COUNTS = "SELECT count(*), min(id), max(id) FROM revlog WHERE id BETWEEN 1 AND ?"
_PROFILE = "SELECT ifnull(CAST(mid AS INTEGER), 0), ifnull(CAST(flds AS TEXT), '') FROM notes ORDER BY id"
_ORPHANS = "SELECT count(*) FROM revlog WHERE cid NOT IN (SELECT id FROM cards)"
_CARDS_BY_DECK = (
    "SELECT CAST(CASE WHEN odid > 0 THEN odid ELSE did END AS INTEGER) AS deck, count(*) FROM cards GROUP BY deck"
)


@dataclass(slots=True)
class _Profile:
    """What the first notes of each note type say about it. `samples`: by note type and field."""

    note_counts: Counter[int] = field(default_factory=Counter)
    samples: dict[int, dict[str, list[str]]] = field(default_factory=dict)


class AnkiPackage:
    """An opened `.apkg` or `.colpkg`, see `ImportSource`."""

    def __init__(self, format: ImportFormat, database: CollectionDatabase, file: Path, days: StudyDays) -> None:
        self._format = format
        self._database = database
        self._file = file
        self._metadata = read_metadata(database)
        self._cards = CardReader(self._metadata, days)

    @classmethod
    def open(cls, package: Path, directory: Path, days: StudyDays, max_bytes: int = MAX_COLLECTION_BYTES) -> Self:
        """Extract the collection to a file in `directory`, which `close` removes. Raises PackageRejected.

        `days`: of the learner, on which cards become due. `max_bytes`: of the collection.
        """
        file = directory / f"{package.name}.collection"
        try:
            format = extract_collection(package, file, max_bytes)
            database = CollectionDatabase(file)
            try:
                return cls(format, database, file, days)
            except BaseException:
                database.close()
                raise
        except BaseException:
            file.unlink(missing_ok=True)
            raise

    def close(self) -> None:
        self._database.close()
        self._file.unlink(missing_ok=True)

    def summary(self) -> SourceSummary:
        self._database.restart_steps()
        [(note_count, card_count)] = self._database.rows(_COUNTS)
        [(review_count, first, last)] = self._database.rows(_LOG_COUNTS, _MAX_NOTE_ID)
        [(orphans,)] = self._database.rows(_ORPHANS)
        decks: Counter[str] = Counter()
        for id, count in self._database.rows(_CARDS_BY_DECK):
            decks[self._metadata.decks.get(id, _UNKNOWN_DECK)] += count
        warnings = []
        if orphans:
            warnings.append(f"{orphans:,} reviews are of deleted cards and will not be imported.")
        if not review_count and card_count:
            warnings.append("The package has no reviews. Export it with scheduling information to import them.")
        return SourceSummary(
            format=self._format,
            decks=tuple(SourceDeck(name, count) for name, count in sorted(decks.items())),
            note_types=tuple(
                self._describe(id, note_type)
                for id, note_type in self._metadata.note_types.items()
                if self._profile.note_counts[id]
            ),
            note_count=note_count,
            card_count=card_count,
            review_count=review_count,
            first_reviewed_at=first and _time(first),
            last_reviewed_at=last and _time(last),
            warnings=tuple(warnings),
        )

    def notes(self, start: int = 0) -> Iterator[ImportedNote | RejectedNote]:
        for line, rows in enumerate(read_notes(self._database, start), start + 1):
            yield self._note(line, rows)

    def _note(self, line: int, rows: NoteRows) -> ImportedNote | RejectedNote:
        note = rows.note
        note_type = self._metadata.note_types.get(note.note_type_id)
        if note_type is None or rows.problem is not None:
            reason = rows.problem or "The type of the note is not in the package."
            return RejectedNote(line, reason, _clean(note.fields[:_MAX_SAMPLE_LENGTH]))
        key = _clean(note.guid) if 0 < len(note.guid) <= _MAX_KEY_LENGTH else f"note {note.id}"
        decks = [self._metadata.decks.get(card.home_deck_id or card.deck_id, _UNKNOWN_DECK) for card, _ in rows.cards]
        deck = decks[0] if decks else _UNKNOWN_DECK
        kinds = self._kinds[note.note_type_id]
        cards: dict[int, ImportedCard] = {}
        for (card, log), card_deck in zip(rows.cards, decks, strict=True):
            # A damaged collection may have two cards of a template.
            if card.ordinal not in cards:
                kind = kinds.get(card.ordinal, CardKind.RECOGNITION)
                own_deck = None if card_deck == deck else card_deck
                cards[card.ordinal] = self._cards.read(card, f"{key}:{card.ordinal}", kind, own_deck, log)
        return ImportedNote(
            key=key,
            line=line,
            note_type=note_type.name,
            deck=deck,
            fields=_fields(note_type, note),
            tags=tuple(_clean(tag[:_MAX_TAG_LENGTH]) for tag in note.tags.split()[:_MAX_TAGS]),
            created_at=_time(note.id) if 0 < note.id < _MAX_NOTE_ID else None,
            cards=tuple(cards[ordinal] for ordinal in sorted(cards)),
        )

    def _describe(self, id: int, note_type: NoteType) -> SourceNoteType:
        samples = self._samples(id)
        return SourceNoteType(
            name=note_type.name,
            fields=tuple(SourceField(name, samples.get(name, ())) for name in note_type.fields),
            templates=tuple(
                SourceTemplate(
                    template.ordinal, template.name, self._kinds[id].get(template.ordinal, CardKind.RECOGNITION)
                )
                for template in note_type.templates
            ),
            note_count=self._profile.note_counts[id],
        )

    @cached_property
    def _kinds(self) -> Mapping[int, Mapping[int, CardKind]]:
        """By note type and ordinal. All cards of a cloze are of one template."""
        return {
            id: {}
            if note_type.is_cloze
            else {template.ordinal: guess_kind(template, self._samples(id)) for template in note_type.templates}
            for id, note_type in self._metadata.note_types.items()
        }

    def _samples(self, id: int) -> dict[str, tuple[str, ...]]:
        return {name: tuple(texts) for name, texts in self._profile.samples.get(id, {}).items()}

    @cached_property
    def _profile(self) -> _Profile:
        """Reads all notes once."""
        profile = _Profile()
        self._database.restart_steps()
        for id, values in self._database.rows(_PROFILE):
            note_type = self._metadata.note_types.get(id)
            profile.note_counts[id] += 1
            if note_type is None:
                continue
            samples = profile.samples.setdefault(id, {})
            if len(samples) == len(note_type.fields) and all(len(texts) == MAX_SAMPLES for texts in samples.values()):
                continue
            for name, value in zip(note_type.fields, values.split(_FIELD_SEPARATOR), strict=False):
                texts = samples.setdefault(name, [])
                if len(texts) < MAX_SAMPLES and value.strip():
                    texts.append(_clean(value[:_MAX_SAMPLE_LENGTH]))
        return profile


def _fields(note_type: NoteType, note: NoteRow) -> dict[str, str]:
    """Missing values are empty, and those without a field are dropped."""
    values = note.fields.split(_FIELD_SEPARATOR, len(note_type.fields))
    found = zip_longest(note_type.fields, values[: len(note_type.fields)], fillvalue="")
    return {name: _clean(value[:MAX_FIELD_LENGTH]) for name, value in found}


def _clean(text: str) -> str:
    """Without the character that PostgreSQL cannot store."""
    return text.replace("\0", "")


def _time(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)
