"""Writes a package with a learner's cards and reviews. All methods block on the disk."""

import hashlib
import html
import re
import sqlite3
import zipfile
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import orjson

from content.anki import export_schema
from content.anki.exact_cards import EXACT, exact_values
from db.queries.anki_exports import AnkiCardRow, AnkiLogRow
from domain.enums import CardKind, CardState
from domain.ids import CardId
from domain.scheduling import SchedulingSettings
from domain.scheduling.fsrs import RATINGS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_PER_DAY = 86_400
_ORDINALS = {CardKind.RECOGNITION: 0, CardKind.RECALL: 1, CardKind.READING: 2}
_TYPES = {CardState.NEW: 0, CardState.LEARNING: 1, CardState.REVIEW: 2, CardState.RELEARNING: 3}
_SUSPENDED, _LEARNING, _DAY_LEARNING = -1, 1, 3
# Kinds of log entries.
_LOG_LEARNING, _LOG_REVIEW, _LOG_RELEARNING, _LOG_CRAM, _LOG_MANUAL = range(5)
_INITIAL_FACTOR = 2_500
_LEECH = "leech"
_MARKUP = re.compile(r"<[^>]*>")
# Legacy packages of the second kind, see `content.anki.packages`.
_METADATA = b"\x08\x02"
_DATE = (1980, 1, 1, 0, 0, 0)


class PackageWriter:
    """A collection, in a file until it is packed."""

    def __init__(self, file: Path, settings: SchedulingSettings, now: datetime) -> None:
        self._file = file
        self._settings = settings
        self._now = now
        self._first_day: date | None = None
        self._note_id = self._card_id = self._log_id = 0
        self._subject_id: str | None = None
        self._card_ids: dict[CardId, int] = {}
        self._graduated: set[CardId] = set()
        # In one transaction without a journal: a file that is interrupted is discarded.
        self._database = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;")
        for statement in export_schema.TABLES.split(";"):
            self._database.execute(statement)

    def add_card(self, row: AnkiCardRow) -> None:
        """Cards of one subject follow each other, and subjects the order of their creation."""
        if self._first_day is None:
            self._first_day = self._settings.days.day_of(row.subject_created_at)
        if row.subject_id != self._subject_id:
            self._subject_id = row.subject_id
            self._add_note(row)
        else:
            self._extend_note(row)
        self._add_card(row)

    def add_log_entry(self, row: AnkiLogRow) -> None:
        """In the order of time, after all cards."""
        self._database.execute("INSERT INTO revlog VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?)", self._log_values(row))

    def pack(self, package: Path) -> int:
        """Finish the collection and write the package. Returns its size in bytes."""
        days = self._settings.days
        first_day = self._first_day or days.day_of(self._now)
        created_at = days.start_of(first_day)
        local = datetime.combine(first_day, time(self._settings.day_starts_at_hour), UTC)
        minutes_west = (created_at - local) // timedelta(minutes=1)
        self._database.execute(
            "INSERT INTO col VALUES (1, ?, ?, ?, ?, 0, 0, 0, ?, ?, ?, ?, '{}')",
            (
                int(created_at.timestamp()),
                _milliseconds(self._now),
                _milliseconds(self._now),
                export_schema.SCHEMA_VERSION,
                export_schema.settings(minutes_west, self._settings.day_starts_at_hour).decode(),
                export_schema.note_types().decode(),
                export_schema.decks().decode(),
                export_schema.options(
                    self._settings.learning_steps, self._settings.relearning_steps, self._settings.desired_retention
                ).decode(),
            ),
        )
        for statement in export_schema.INDEXES.split(";"):
            self._database.execute(statement)
        self._database.execute("COMMIT")
        self._database.close()
        with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
            archive.writestr(zipfile.ZipInfo("meta", _DATE), _METADATA)
            archive.write(self._file, "collection.anki21")
            archive.writestr(zipfile.ZipInfo("media", _DATE), b"{}")
        return package.stat().st_size

    def close(self) -> None:
        """Remove the file of the collection."""
        self._database.close()
        self._file.unlink(missing_ok=True)

    def _add_note(self, row: AnkiCardRow) -> None:
        self._note_id = max(_milliseconds(row.subject_created_at), self._note_id + 1)
        expression = html.escape(row.expression, quote=False)
        fields = [
            expression,
            html.escape("、".join(row.readings), quote=False),
            html.escape("; ".join(row.meanings), quote=False),
            row.level or "",
            _context(row),
            *("x" if _ORDINALS[CardKind(row.kind)] == ordinal else "" for ordinal in range(len(_ORDINALS))),
        ]
        note_type = export_schema.KANJI_NOTE_TYPE_ID if row.is_kanji else export_schema.WORD_NOTE_TYPE_ID
        self._database.execute(
            "INSERT INTO notes VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, 0, '')",
            (
                self._note_id,
                row.subject_id,
                note_type,
                int(self._now.timestamp()),
                _tags(row),
                "\x1f".join(fields),
                expression,
                _checksum(expression),
            ),
        )

    def _extend_note(self, row: AnkiCardRow) -> None:
        """Add what the next card of a subject says: its template, its tags, and its context if the first has none."""
        [(tags, values)] = self._database.execute("SELECT tags, flds FROM notes WHERE id = ?", (self._note_id,))
        fields = values.split("\x1f")
        fields[5 + _ORDINALS[CardKind(row.kind)]] = "x"
        fields[4] = fields[4] or _context(row)
        merged = dict.fromkeys((tags + _tags(row)).split())
        self._database.execute(
            "UPDATE notes SET tags = ?, flds = ? WHERE id = ?", (_join(merged), "\x1f".join(fields), self._note_id)
        )

    def _add_card(self, row: AnkiCardRow) -> None:
        assert self._first_day is not None
        self._card_id = max(_milliseconds(row.created_at), self._card_id + 1)
        self._card_ids[row.id] = self._card_id
        state = CardState(row.state)
        if state is CardState.NEW:
            queue, due = 0, len(self._card_ids)
        elif row.due_day is not None:
            queue, due = 2 if state is CardState.REVIEW else _DAY_LEARNING, (row.due_day - self._first_day).days
        else:
            queue, due = _LEARNING, int(row.due_at.timestamp())
        has_steps = state in (CardState.LEARNING, CardState.RELEARNING)
        self._database.execute(
            "INSERT INTO cards VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?)",
            (
                self._card_id,
                self._note_id,
                export_schema.DECK_ID,
                _ORDINALS[CardKind(row.kind)],
                int(self._now.timestamp()),
                _TYPES[state],
                _SUSPENDED if row.suspended else queue,
                due,
                round(row.interval_days) if state is not CardState.NEW else 0,
                round(row.ease_factor * 1000) if state is not CardState.NEW else 0,
                row.review_count,
                row.lapses,
                self._steps_left(state, row.learning_step) if has_steps else 0,
                row.flag,
                self._data(row),
            ),
        )

    def _steps_left(self, state: CardState, step: int | None) -> int:
        steps = self._settings.relearning_steps if state is CardState.RELEARNING else self._settings.learning_steps
        return max(len(steps) - (step or 0), 1)

    def _data(self, row: AnkiCardRow) -> str:
        """The memory state of FSRS, the time of the last review, and what Anki has no place for."""
        data: dict[str, object] = {}
        if row.stability is not None and row.difficulty is not None:
            retention = round(self._settings.desired_retention, 2)
            data = {"s": row.stability, "d": row.difficulty, "dr": retention}
        if row.last_reviewed_at is not None:
            data["lrt"] = int(row.last_reviewed_at.timestamp())
        data[EXACT] = exact_values(row)
        return orjson.dumps(data).decode()

    def _log_values(self, row: AnkiLogRow) -> tuple[int, ...]:
        card_id = self._card_ids[row.card_id]
        self._log_id = max(_milliseconds(row.at), self._log_id + 1)
        if row.quality is None:
            self._graduated.discard(row.card_id)
            return self._log_id, card_id, 0, 0, 0, 0, 0, _LOG_MANUAL
        kind = _LOG_REVIEW
        if not row.rescheduled:
            kind = _LOG_CRAM
        elif row.interval_days_before < 1:
            kind = _LOG_RELEARNING if row.card_id in self._graduated else _LOG_LEARNING
        if row.interval_days_after >= 1:
            self._graduated.add(row.card_id)
        return (
            self._log_id,
            card_id,
            RATINGS[row.quality] + 1,
            _interval(row.interval_days_after),
            _interval(row.interval_days_before),
            0 if kind == _LOG_CRAM else _INITIAL_FACTOR,
            row.duration_ms or 0,
            kind,
        )


def _context(row: AnkiCardRow) -> str:
    return html.escape(row.context or "", quote=False).replace("\n", "<br>")


def _interval(days: float) -> int:
    """Positive in days, negative in seconds."""
    return round(days) if days >= 1 else -round(days * _SECONDS_PER_DAY)


def _tags(row: AnkiCardRow) -> str:
    """Anki separates tags by spaces."""
    names = [tag.replace(" ", "_") for tag in row.tags]
    return _join([*names, _LEECH] if row.suspended_as_leech else names)


def _join(tags: Iterable[str]) -> str:
    joined = " ".join(tags)
    return f" {joined} " if joined else ""


def _checksum(field: str) -> int:
    """By which Anki finds duplicates: of the first field without markup."""
    digest = hashlib.sha1(_MARKUP.sub("", html.unescape(field)).encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16)


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)
