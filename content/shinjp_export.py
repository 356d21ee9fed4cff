"""An archive of `requestDataExport`, or one with `cards.csv` and `reviews.csv`, as a source of imports."""

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Self

import orjson

from common.batches import batches
from content.anki.archive import ArchiveEntry, read_directory
from content.anki.decompression import read_entry
from content.note_samples import NoteSamples
from content.shinjp_cards import (
    CARD_COLUMNS,
    DECK,
    EXACT_REVIEW_COLUMNS,
    MAX_REVIEWS_OF_CARD,
    REVIEW_COLUMNS,
    read_card,
)
from content.shinjp_exact import EXACT_COLUMNS
from content.shinjp_rows import ExportedRow, InvalidRowError, storable
from domain.csv_formulas import FORMULA
from domain.enums import CardKind
from domain.imports.records import (
    ImportedNote,
    ImportFormat,
    RejectedNote,
    SourceDeck,
    SourceNoteType,
    SourceRejectedError,
    SourceSummary,
    SourceTemplate,
)

CARDS, REVIEWS = "cards.csv", "reviews.csv"
_TEMPLATES = tuple(SourceTemplate(ordinal, kind.title(), kind) for ordinal, kind in enumerate(CardKind))
_MAX_BYTES = 1024 * 1024 * 1024
_MAX_CARDS = 500_000
_BATCH_ROWS = 5_000
_FORMULA = re.compile(FORMULA.removeprefix("^"))
_SHOWN_LENGTH = 60
_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE cards (number INTEGER PRIMARY KEY, id TEXT NOT NULL, row BLOB NOT NULL);
CREATE TABLE reviews (number INTEGER PRIMARY KEY, card_id TEXT NOT NULL, row BLOB NOT NULL);
"""
_CARDS = """
SELECT number, id, row, EXISTS (SELECT 1 FROM cards AS other WHERE other.id = cards.id AND other.number < cards.number)
FROM cards WHERE number > ? ORDER BY number
"""
_REVIEWS = "SELECT number, row FROM reviews WHERE card_id = ? ORDER BY number LIMIT ?"
_ORPHANS = "SELECT count(*) FROM reviews WHERE card_id NOT IN (SELECT id FROM cards)"


class ShinjpExport:
    """See `ImportSource`. Rows are sorted in a database on the disk."""

    def __init__(self, database: sqlite3.Connection, file: Path) -> None:
        self._database = database
        self._file = file

    @classmethod
    def open(cls, archive: Path, directory: Path) -> Self:
        """Read an archive to a file in `directory`, which `close` removes. Raises SourceRejectedError."""
        file = directory / f"{archive.name}.rows"
        database = sqlite3.connect(file, check_same_thread=False)
        try:
            database.executescript(_SCHEMA)
            _load(archive, database)
            return cls(database, file)
        except BaseException:
            database.close()
            file.unlink(missing_ok=True)
            raise

    def close(self) -> None:
        self._database.close()
        self._file.unlink(missing_ok=True)

    def summary(self) -> SourceSummary:
        samples = NoteSamples()
        reviews, rejected = 0, 0
        first: datetime | None = None
        last: datetime | None = None
        for note in self.notes():
            if isinstance(note, RejectedNote):
                rejected += 1
                continue
            samples.add(note)
            [card] = note.cards
            times = [each.reviewed_at for each in card.reviews if each.exact is None or not each.exact.undone]
            if times:
                reviews += len(times)
                first = min(first or times[0], times[0])
                last = max(last or times[-1], times[-1])
        return SourceSummary(
            format=ImportFormat.SHINJP_EXPORT,
            decks=(SourceDeck(DECK, samples.counts.total()),),
            note_types=tuple(
                SourceNoteType(name, samples.fields_of(name), _TEMPLATES, count)
                for name, count in sorted(samples.counts.items())
            ),
            note_count=samples.counts.total(),
            card_count=samples.counts.total(),
            review_count=reviews,
            first_reviewed_at=first,
            last_reviewed_at=last,
            warnings=tuple(self._warnings(rejected)),
        )

    def _warnings(self, rejected: int) -> Iterator[str]:
        if rejected:
            yield f"{rejected:,} cards cannot be imported; the result names the rows and values."
        [(orphans,)] = self._database.execute(_ORPHANS)
        if orphans:
            yield f"{orphans:,} reviews are of cards that the file does not have, and will not be imported."

    def notes(self, start: int = 0) -> Iterator[ImportedNote | RejectedNote]:
        for number, id, content, is_repeated in self._database.execute(_CARDS, (start,)):
            found = self._database.execute(_REVIEWS, (id, MAX_REVIEWS_OF_CARD + 1))
            reviews = [ExportedRow(REVIEWS, number, _decode(review)) for number, review in found]
            row = ExportedRow(CARDS, number + 1, _decode(content))
            try:
                if is_repeated:
                    raise InvalidRowError(f"{row.name}: another row has the same id.")
                yield read_card(row, reviews)
            except InvalidRowError as error:
                yield RejectedNote(row.number, str(error), storable(row.values["word"][:_SHOWN_LENGTH]))


def _load(archive: Path, database: sqlite3.Connection) -> None:
    with archive.open("rb") as file:
        entries = read_directory(file)
        with _rows(file, entries, CARDS, CARD_COLUMNS, EXACT_COLUMNS) as rows:
            for number, batch in enumerate(batches(rows, _BATCH_ROWS)):
                if number * _BATCH_ROWS >= _MAX_CARDS:
                    raise SourceRejectedError(f"The archive has more than {_MAX_CARDS:,} cards.")
                database.executemany(
                    "INSERT INTO cards (id, row) VALUES (?, ?)", ((storable(row["id"]), _encode(row)) for row in batch)
                )
        with _rows(file, entries, REVIEWS, REVIEW_COLUMNS, EXACT_REVIEW_COLUMNS) as rows:
            for reviews in batches(enumerate(rows, 2), _BATCH_ROWS):
                values = ((number, storable(row["cardId"]), _encode(row)) for number, row in reviews)
                database.executemany("INSERT INTO reviews VALUES (?, ?, ?)", values)
    database.execute("CREATE INDEX ix_cards ON cards (id)")
    database.execute("CREATE INDEX ix_reviews ON reviews (card_id)")
    database.commit()


def _encode(row: Mapping[str, str]) -> bytes:
    try:
        return orjson.dumps(row)
    except TypeError:
        # Bytes that are not UTF-8, which the check of the row names.
        return json.dumps(row).encode()


def _decode(content: bytes) -> Mapping[str, str]:
    try:
        row: Mapping[str, str] = orjson.loads(content)
    except ValueError:
        row = json.loads(content)
    return row


@contextmanager
def _rows(
    file: BinaryIO,
    entries: Mapping[str, ArchiveEntry],
    name: str,
    columns: tuple[str, ...],
    later_columns: tuple[str, ...],
) -> Iterator[Iterator[dict[str, str]]]:
    """Yield the rows of a file. `later_columns`: rows have those that the file has."""
    if name not in entries:
        raise SourceRejectedError(f"The file is no export of ShinJP: it has no {name}.")
    try:
        content = io.BufferedReader(_Pieces(read_entry(file, entries[name], _MAX_BYTES)))
        # Bytes that are not UTF-8 are named with their row.
        lines = io.TextIOWrapper(content, "utf-8-sig", "surrogateescape", newline="")
        reader = csv.DictReader(lines)
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise SourceRejectedError(f"{name} has no column {missing[0]!r}.")
        columns += tuple(column for column in later_columns if column in (reader.fieldnames or ()))
        yield ({column: _unescape(row[column] or "") for column in columns} for row in reader)
    except (csv.Error, UnicodeDecodeError) as error:
        raise SourceRejectedError(f"{name} cannot be read: {str(error)[:200]}.") from error


class _Pieces(io.RawIOBase):
    """Pieces of bytes as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def _unescape(value: str) -> str:
    """Exports have an apostrophe in front of what a spreadsheet would evaluate."""
    return value[1:] if value.startswith("'") and _FORMULA.match(value, 1) else value
