"""An archive of `requestDataExport`, or one with `cards.csv` and `reviews.csv`, as a source of imports."""

import csv
import io
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Self

import orjson

from common.batches import batches
from content.anki.archive import ArchiveEntry, read_directory
from content.anki.decompression import read_entry
from content.note_samples import NoteSamples
from domain.csv_formulas import FORMULA
from domain.enums import CardKind, CardState
from domain.errors import BadUserInput
from domain.imports.records import (
    MAX_FIELD_LENGTH,
    ImportedCard,
    ImportedNote,
    ImportedReview,
    ImportedReviewKind,
    ImportFormat,
    Rating,
    RejectedNote,
    SourceNoteType,
    SourceRejectedError,
    SourceSummary,
    SourceTemplate,
)
from domain.scheduling.fsrs import RATINGS
from domain.timestamps import parse_timestamp

CARDS, REVIEWS = "cards.csv", "reviews.csv"
_CARD_COLUMNS = (
    *("id", "word", "reading", "meanings", "state", "dueAt", "intervalDays", "easeFactor", "stability", "difficulty"),
    *(
        "repetitions",
        "lapses",
        "suspended",
        "flag",
        "tags",
        "lastReviewedAt",
        "createdAt",
        "context",
        "kind",
        "subject",
    ),
)
_REVIEW_COLUMNS = (
    *("cardId", "reviewedAt", "idempotencyKey", "quality", "intervalDaysAfter", "durationMs"),
    *("undone", "rescheduled"),
)
_FIELDS = {"Expression": "word", "Reading": "reading", "Meaning": "meanings", "Sentence": "context"}
_WORD_NOTE_TYPE, _KANJI_NOTE_TYPE = "ShinJP word", "ShinJP kanji"
_TEMPLATES = tuple(SourceTemplate(ordinal, kind.title(), kind) for ordinal, kind in enumerate(CardKind))
_ORDINALS = {kind: ordinal for ordinal, kind in enumerate(CardKind)}
_MAX_BYTES = 1024 * 1024 * 1024
_MAX_CARDS, _MAX_REVIEWS_OF_CARD = 500_000, 20_000
_BATCH_ROWS = 5_000
_FORMULA = re.compile(FORMULA.removeprefix("^"))
_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE cards (number INTEGER PRIMARY KEY, id TEXT NOT NULL, row BLOB NOT NULL);
CREATE TABLE reviews (card_id TEXT NOT NULL, reviewed_at TEXT NOT NULL, row BLOB NOT NULL);
"""


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
        for note in self.notes():
            if not isinstance(note, RejectedNote):
                samples.add(note)
        [(reviews, first, last)] = self._database.execute(
            "SELECT count(*), min(reviewed_at), max(reviewed_at) FROM reviews"
        )
        return SourceSummary(
            format=ImportFormat.SHINJP_EXPORT,
            note_types=tuple(
                SourceNoteType(name, samples.fields_of(name), _TEMPLATES, count)
                for name, count in sorted(samples.counts.items())
            ),
            note_count=samples.counts.total(),
            card_count=samples.counts.total(),
            review_count=reviews,
            first_reviewed_at=parse_timestamp(first) if reviews else None,
            last_reviewed_at=parse_timestamp(last) if reviews else None,
        )

    def notes(self, start: int = 0) -> Iterator[ImportedNote | RejectedNote]:
        for number, id, row in self._database.execute(
            "SELECT number, id, row FROM cards WHERE number > ? ORDER BY number", (start,)
        ):
            found = self._database.execute(
                "SELECT row FROM reviews WHERE card_id = ? ORDER BY reviewed_at, rowid LIMIT ?",
                (id, _MAX_REVIEWS_OF_CARD),
            )
            try:
                yield _note(number, orjson.loads(row), tuple(_review(orjson.loads(review)) for (review,) in found))
            except (ValueError, KeyError, OverflowError, BadUserInput) as error:
                yield RejectedNote(
                    number, f"The row of {CARDS} or one of its reviews cannot be read: {str(error)[:200]}"
                )


def _load(archive: Path, database: sqlite3.Connection) -> None:
    with archive.open("rb") as file:
        entries = read_directory(file)
        with _rows(file, entries, CARDS, _CARD_COLUMNS) as rows:
            for number, batch in enumerate(batches(rows, _BATCH_ROWS)):
                if number * _BATCH_ROWS >= _MAX_CARDS:
                    raise SourceRejectedError(f"The archive has more than {_MAX_CARDS:,} cards.")
                database.executemany(
                    "INSERT INTO cards (id, row) VALUES (?, ?)", ((row["id"], orjson.dumps(row)) for row in batch)
                )
        with _rows(file, entries, REVIEWS, _REVIEW_COLUMNS) as rows:
            for batch in batches(rows, _BATCH_ROWS):
                database.executemany(
                    "INSERT INTO reviews VALUES (?, ?, ?)",
                    ((row["cardId"], row["reviewedAt"], orjson.dumps(row)) for row in batch if row["undone"] != "true"),
                )
    database.execute("CREATE INDEX ix_reviews ON reviews (card_id, reviewed_at)")
    database.commit()


@contextmanager
def _rows(
    file: BinaryIO, entries: Mapping[str, ArchiveEntry], name: str, columns: tuple[str, ...]
) -> Iterator[Iterator[dict[str, str]]]:
    if name not in entries:
        raise SourceRejectedError(f"The file is no export of ShinJP: it has no {name}.")
    try:
        lines = io.TextIOWrapper(
            io.BufferedReader(_Pieces(read_entry(file, entries[name], _MAX_BYTES))), "utf-8-sig", newline=""
        )
        reader = csv.DictReader(lines)
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise SourceRejectedError(f"{name} has no column {missing[0]!r}.")
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


def _note(number: int, row: Mapping[str, str], reviews: tuple[ImportedReview, ...]) -> ImportedNote:
    kind, state = CardKind(row["kind"]), CardState(row["state"])
    is_new = state is CardState.NEW
    card = ImportedCard(
        key=row["id"],
        ordinal=_ORDINALS[kind],
        kind=kind,
        state=state,
        due_at=None if is_new else parse_timestamp(row["dueAt"]),
        interval_days=float(row["intervalDays"]),
        ease_factor=float(row["easeFactor"]),
        repetitions=int(row["repetitions"]),
        lapses=int(row["lapses"]),
        stability=float(row["stability"]) if row["stability"] else None,
        difficulty=float(row["difficulty"]) if row["difficulty"] else None,
        last_reviewed_at=parse_timestamp(row["lastReviewedAt"]) if row["lastReviewedAt"] else None,
        suspended=row["suspended"] == "true",
        flag=int(row["flag"]) & 7,
        reviews=reviews,
    )
    return ImportedNote(
        key=row["id"],
        line=number,
        note_type=_KANJI_NOTE_TYPE if row["subject"] == "KANJI" else _WORD_NOTE_TYPE,
        deck="ShinJP",
        fields={name: row[column][:MAX_FIELD_LENGTH].replace("\0", "") for name, column in _FIELDS.items()},
        tags=tuple(tag for tag in row["tags"].split("; ") if tag),
        created_at=parse_timestamp(row["createdAt"]),
        cards=(card,),
        is_plain=True,
    )


def _review(row: Mapping[str, str]) -> ImportedReview:
    moves = row["rescheduled"] != "false"
    return ImportedReview(
        key=row["idempotencyKey"],
        reviewed_at=parse_timestamp(row["reviewedAt"]),
        rating=Rating(RATINGS[int(row["quality"])] + 1),
        kind=ImportedReviewKind.REVIEW if moves else ImportedReviewKind.CRAM,
        interval_days=float(row["intervalDaysAfter"]),
        duration_ms=int(row["durationMs"]) if row["durationMs"] else None,
    )
