"""Reads notes from CSV and TSV files, and from Anki's text export with its `#` headers."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from content.delimited_encoding import encoding_name, open_text
from content.delimited_rows import DELIMITERS, Record, detect_delimiter, read_records, sample_lines
from content.note_samples import NoteSamples
from domain.card_tags import MAX_TAG_LENGTH
from domain.imports.mapping import is_known_field_name
from domain.imports.records import (
    MAX_FIELD_LENGTH,
    ImportedNote,
    ImportFormat,
    RejectedNote,
    SourceDeck,
    SourceNoteType,
    SourceRejectedError,
    SourceSummary,
)

MAX_NOTES = 500_000
_MAX_KINDS = 1_000
_MAX_NAME_LENGTH = 200
_MAX_TAGS = 50
_SAMPLE_LENGTH = 100
# The names that Anki writes after `#separator:`.
_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "colon": ":", "space": " "}
# A first line by which spreadsheets know the delimiter.
_SEPARATOR_LINE = re.compile(f"\ufeff?sep=([{''.join(DELIMITERS)}])\n?", re.IGNORECASE)
_COLUMN_HEADERS = {"guid column", "notetype column", "deck column", "tags column"}
NOTE_TYPE = "Rows"


@dataclass
class _Layout:
    """How the columns of a file are read. `columns`: indexes of the columns with a special meaning, from 0."""

    encoding: str
    delimiter: str
    format: ImportFormat = ImportFormat.CSV
    names: list[str] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    deck: str = ""
    note_type: str = NOTE_TYPE
    # The first line after the headers.
    first_line: int = 1

    def name_of(self, index: int) -> str:
        return self.names[index] if index < len(self.names) else f"Column {index + 1}"


class DelimitedSource:
    """A source of one note per row. Notes have no cards: those of the mapping's kinds are created."""

    def __init__(self, path: Path) -> None:
        """Raises SourceRejectedError for a file that is no text."""
        self._path = path
        self._layout = _read_layout(path)

    def summary(self) -> SourceSummary:
        decks: Counter[str] = Counter()
        samples = NoteSamples(_SAMPLE_LENGTH)
        rejected = 0
        for note in self.notes():
            if isinstance(note, RejectedNote):
                rejected += 1
                continue
            decks[note.deck] += 1
            samples.add(note)
            if len(decks) > _MAX_KINDS or len(samples.counts) > _MAX_KINDS:
                raise SourceRejectedError(f"The file has more than {_MAX_KINDS:,} decks or note types.")
        layout = self._layout
        warnings = []
        if layout.encoding not in ("utf-8", "utf-8-sig"):
            warnings.append(f"The file was read as {encoding_name(layout.encoding)}.")
        if rejected:
            warnings.append(f"Lines that cannot be read: {rejected:,}. The result names them.")
        return SourceSummary(
            layout.format,
            tuple(SourceDeck(name, count) for name, count in sorted(decks.items()) if name),
            tuple(SourceNoteType(name, samples.fields_of(name), (), count) for name, count in samples.counts.items()),
            note_count=sum(decks.values()),
            warnings=tuple(warnings),
        )

    def notes(self, start: int = 0) -> Iterator[ImportedNote | RejectedNote]:
        return islice(self._notes(), start, None)

    def close(self) -> None:
        pass

    def _notes(self) -> Iterator[ImportedNote | RejectedNote]:
        layout = self._layout
        file, _ = open_text(self._path)
        with file:
            for number, record in enumerate(read_records(file, layout.delimiter, encoding_name(layout.encoding))):
                if number >= MAX_NOTES:
                    raise SourceRejectedError(f"The file has more than {MAX_NOTES:,} rows.")
                if record.line >= layout.first_line:
                    yield _to_note(record, layout) if isinstance(record, Record) else record


def _read_layout(path: Path) -> _Layout:
    file, encoding = open_text(path)
    with file:
        sample = sample_lines(file)
        if not any(map(str.strip, sample)):
            raise SourceRejectedError("The file has no rows.")
        file.seek(0)
        layout = _Layout(encoding, "")
        if separator := _SEPARATOR_LINE.fullmatch(file.readline(10)):
            layout.delimiter, layout.first_line = separator[1], 2
        else:
            file.seek(0)
        # `sample_lines` omits headers, which are the first lines.
        while (line := file.readline(10_000)).lstrip("\ufeff").startswith("#") and ":" in line:
            # PostgreSQL stores no null characters; rows that have some are rejected.
            if not _read_header(line.lstrip("\ufeff").rstrip("\n").replace("\0", ""), layout):
                break
            layout.first_line += 1
        layout.delimiter = layout.delimiter or detect_delimiter(sample)
        file.seek(0)
        rows = (each for each in read_records(file, layout.delimiter, "") if each.line >= layout.first_line)
        first = next((row for row in rows if isinstance(row, Record)), None)
    if layout.format is ImportFormat.CSV and first is not None and any(map(is_known_field_name, first.cells)):
        layout.names = _unique([_clean_name(cell, index) for index, cell in enumerate(first.cells)])
        layout.first_line = first.line + 1
        for index, cell in enumerate(first.cells):
            if cell.strip().casefold() in ("tags", "deck", "guid"):
                layout.columns[f"{cell.strip().casefold()} column"] = index
    return layout


def _read_header(line: str, layout: _Layout) -> bool:
    """Read a header of Anki. Return False for another line."""
    key, _, value = line[1:].partition(":")
    key, value = key.strip().casefold(), value.strip("\r ")
    if key == "separator":
        delimiter = _SEPARATORS.get(value.casefold(), value if value in (*DELIMITERS, ":", " ") else None)
        if delimiter is None:
            raise SourceRejectedError("The header #separator names no separator that can be read.")
        layout.delimiter = delimiter
    elif key == "columns":
        cells = value.split(layout.delimiter or "\t")
        layout.names = _unique([_clean_name(cell, index) for index, cell in enumerate(cells)])
    elif key in _COLUMN_HEADERS:
        if not (value.isascii() and value.isdigit() and 0 < int(value[:6]) <= 200):
            raise SourceRejectedError(f"The header #{key} has no number of a column.")
        layout.columns[key] = int(value) - 1
    elif key == "tags":
        layout.tags = _tags(value)
    elif key == "deck":
        layout.deck = value[:_MAX_NAME_LENGTH]
    elif key == "notetype":
        layout.note_type = value[:_MAX_NAME_LENGTH] or NOTE_TYPE
    elif key not in ("html", "if matches", "notetype id", "deck id"):
        return False
    layout.format = ImportFormat.ANKI_TEXT
    return True


def _to_note(record: Record, layout: _Layout) -> ImportedNote:
    cells = record.cells
    special = set(layout.columns.values())

    def cell(name: str) -> str:
        index = layout.columns.get(name)
        return cells[index].strip() if index is not None and index < len(cells) else ""

    fields = {
        layout.name_of(index): text.strip()[:MAX_FIELD_LENGTH]
        for index, text in enumerate(cells)
        if index not in special
    }
    return ImportedNote(
        cell("guid column")[:_MAX_NAME_LENGTH] or _key(cells),
        record.line,
        cell("notetype column")[:_MAX_NAME_LENGTH] or layout.note_type,
        cell("deck column")[:_MAX_NAME_LENGTH] or layout.deck,
        fields,
        (*layout.tags, *_tags(cell("tags column")))[:_MAX_TAGS],
    )


def _key(cells: Sequence[str]) -> str:
    """Return the key of a row without an id: equal rows are one note."""
    return hashlib.sha256("\0".join(cells).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _tags(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag[:MAX_TAG_LENGTH] for tag in text.split()))[:_MAX_TAGS]


def _clean_name(cell: str, index: int) -> str:
    return " ".join(cell.replace("\ufeff", "").split())[:_MAX_NAME_LENGTH] or f"Column {index + 1}"


def _unique(names: list[str]) -> list[str]:
    """Return names of which each occurs once."""
    seen: set[str] = set()
    for index, name in enumerate(names):
        names[index] = name if name not in seen else f"{name} ({index + 1})"
        seen.add(names[index])
    return names
