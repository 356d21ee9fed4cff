"""A file with progress in WaniKani as a source of imports."""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from content.note_samples import NoteSamples
from content.wanikani.progress import FORMAT, MAX_SUBJECTS
from content.wanikani.stages import schedule
from domain.enums import CardKind
from domain.errors import BadUserInput
from domain.imports.records import (
    MAX_FIELD_LENGTH,
    ImportedCard,
    ImportedNote,
    ImportFormat,
    RejectedNote,
    SourceDeck,
    SourceNoteType,
    SourceRejectedError,
    SourceSummary,
    SourceTemplate,
)
from domain.timestamps import parse_timestamp

_MAX_LINE_BYTES = 256 * 1024
_DECK = "WaniKani"
_FIELDS = ("Characters", "Reading", "Meaning", "Synonyms", "Meaning note", "Reading note")
_NOTE_TYPES = {"kanji": "Kanji", "vocabulary": "Vocabulary", "kana_vocabulary": "Vocabulary"}
_TEMPLATES = (
    SourceTemplate(0, "Meaning", CardKind.RECOGNITION),
    SourceTemplate(1, "Reading", CardKind.READING),
)
_MAX_COUNT = 1_000_000
_OTHER_FILE = "The file has no progress in WaniKani."


class WaniKaniProgress:
    """A file that `fetch_progress` wrote, see `ImportSource`."""

    def __init__(self, path: Path) -> None:
        """Raises SourceRejectedError for another file."""
        self._path = path
        try:
            format = orjson.loads(next(self._lines(), b""))
        except ValueError:
            format = None
        if format != FORMAT:
            raise SourceRejectedError(_OTHER_FILE)

    def close(self) -> None:
        """Nothing is open between calls."""

    def summary(self) -> SourceSummary:
        samples = NoteSamples()
        cards = 0
        for note in self.notes():
            if not isinstance(note, RejectedNote):
                samples.add(note)
                cards += len(note.cards)
        return SourceSummary(
            format=ImportFormat.WANIKANI,
            decks=(SourceDeck(_DECK, cards),),
            note_types=tuple(
                SourceNoteType(name, samples.fields_of(name), _TEMPLATES, count)
                for name, count in sorted(samples.counts.items())
            ),
            note_count=samples.counts.total(),
            card_count=cards,
            warnings=("WaniKani gives the state of each item, but no reviews.",),
        )

    def notes(self, start: int = 0) -> Iterator[ImportedNote | RejectedNote]:
        lines = enumerate(islice(self._lines(), 1, None), 1)
        for number, line in islice(lines, start, None):
            if number > MAX_SUBJECTS:
                raise SourceRejectedError(f"The file has more than {MAX_SUBJECTS:,} words and kanji.")
            try:
                yield _note(number, orjson.loads(line))
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError, BadUserInput):
                yield RejectedNote(number, "The item is not as the API of WaniKani documents it.")

    def _lines(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while line := file.readline(_MAX_LINE_BYTES):
                if len(line) == _MAX_LINE_BYTES:
                    raise SourceRejectedError(_OTHER_FILE)
                yield line


def _note(number: int, item: Mapping[str, Any]) -> ImportedNote:
    key = f"subject:{int(item['id'])}"
    readings, meanings = _texts(item["readings"]), _texts(item["meanings"])
    materials, assignment = item["materials"] or {}, item["assignment"]
    statistics = item["statistics"] or {}
    kinds = [(0, CardKind.RECOGNITION, "meaning"), (1, CardKind.READING, "reading")][: 2 if readings else 1]
    values = (
        _text(item["characters"]),
        "、".join(readings),
        "; ".join(meanings),
        "; ".join(_texts(materials.get("meaning_synonyms") or [])),
        str(materials.get("meaning_note") or ""),
        str(materials.get("reading_note") or ""),
    )
    return ImportedNote(
        key=key,
        line=number,
        note_type=_NOTE_TYPES[item["type"]],
        deck=_DECK,
        fields={name: value[:MAX_FIELD_LENGTH].replace("\0", "") for name, value in zip(_FIELDS, values, strict=True)},
        tags=(f"wanikani-level-{int(item['level'])}",),
        created_at=parse_timestamp(assignment["created_at"]) if assignment.get("created_at") else None,
        cards=tuple(
            schedule(
                ImportedCard(f"{key}:{ordinal}", ordinal, kind, suspended=bool(assignment.get("hidden"))),
                assignment,
                _count(statistics.get(f"{name}_correct")),
                _count(statistics.get(f"{name}_incorrect")),
            )
            for ordinal, kind, name in kinds
        ),
    )


def _text(value: object) -> str:
    """Raises TypeError for another value."""
    if not isinstance(value, str):
        raise TypeError("no string")
    return value


def _texts(values: object) -> list[str]:
    """Raises TypeError for another value than a list."""
    if not isinstance(values, list):
        raise TypeError("no list")
    return [value for value in values if isinstance(value, str)]


def _count(value: object) -> int:
    return min(max(value, 0), _MAX_COUNT) if isinstance(value, int) else 0
