"""Reads notes with their cards and logs: three statements in the order of the notes, merged."""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar

from content.anki.archive import corrupt
from content.anki.cards import CardRow
from content.anki.database import CollectionDatabase
from content.anki.logs import LogRow, is_readable

# Of a note and of a card. Clozes have up to 500 cards.
MAX_CARDS, MAX_LOG_ROWS = 1_000, 20_000

RowT = TypeVar("RowT")


def _integers(*columns: str) -> str:
    """Columns may hold values of any type and NULL, whatever the schema says."""
    return ", ".join(f"ifnull(CAST({column} AS INTEGER), 0)" for column in columns)


def _strings(*columns: str) -> str:
    return ", ".join(f"ifnull(CAST({column} AS TEXT), '')" for column in columns)


_NOTES = f"""
SELECT id, {_strings("guid")}, {_integers("mid")}, {_strings("tags", "flds")} FROM notes WHERE id >= ? ORDER BY id
"""
_START = "SELECT id FROM notes ORDER BY id LIMIT 1 OFFSET ?"
_CARD_COLUMNS = ("ord", "did", "type", "queue", "due", "ivl", "factor", "reps", "lapses", "odue", "odid", "flags")
_CARDS = f"""
SELECT {_integers("nid")}, id, {_integers(*_CARD_COLUMNS)}, {_strings("data")}
FROM cards WHERE nid >= ? ORDER BY nid, id
"""
# CROSS JOIN is the order of the loops. With the indexes of Anki, nothing is sorted.
_LOG = f"""
SELECT {_integers("c.nid")}, c.id, r.id, {_integers("r.ease", "r.ivl", "r.lastIvl", "r.factor", "r.time", "r.type")}
FROM cards c CROSS JOIN revlog r WHERE r.cid = c.id AND c.nid >= ? ORDER BY c.nid, c.id, r.id
"""
# In collections of Anki they are the keys of the rows, which are integers.
_ODD_IDS = " UNION ALL ".join(
    f"SELECT 1 FROM {table} WHERE typeof(id) <> 'integer'" for table in ("notes", "cards", "revlog")
)


class NoteRow(NamedTuple):
    """A row of `notes`, in the order of the statement."""

    id: int
    guid: str
    note_type_id: int
    tags: str
    fields: str


class CardRows(NamedTuple):
    card: CardRow
    log: list[LogRow]


class NoteRows(NamedTuple):
    """`problem`: why the note cannot be read; then it has no cards."""

    note: NoteRow
    cards: list[CardRows]
    problem: str | None = None


def read_notes(database: CollectionDatabase, start: int = 0) -> Iterator[NoteRows]:
    """All notes in order of their ids, without the first `start` ones. Raises PackageRejected."""
    database.restart_steps()
    if next(database.rows(_ODD_IDS), None) is not None:
        raise corrupt("it has ids that are no integers")
    first = next(database.rows(_START, start), None)
    if first is None:
        return
    cards = _Cursor(database.rows(_CARDS, *first))
    log = _Cursor(database.rows(_LOG, *first))
    last = -(2**63)
    for values in database.rows(_NOTES, *first):
        note = NoteRow._make(values)
        # Pages that point to each other show the same rows again.
        if note.id < last:
            raise corrupt("its notes are not in order")
        last = note.id
        yield _collect(note, cards, log)


def _collect(note: NoteRow, cards: "_Cursor", log: "_Cursor") -> NoteRows:
    found: list[CardRows] = []
    for values in cards.take((note.id,), MAX_CARDS + 1):
        card = CardRow._make(values)
        rows = log.take((note.id, card.id), MAX_LOG_ROWS + 1)
        if len(rows) > MAX_LOG_ROWS:
            return NoteRows(note, [], f"A card of the note has more reviews than the limit of {MAX_LOG_ROWS:,}.")
        found.append(CardRows(card, [row for entry in rows if is_readable(row := LogRow._make(entry[2:]))]))
    if len(found) > MAX_CARDS:
        return NoteRows(note, [], f"The note has more cards than the limit of {MAX_CARDS:,}.")
    return NoteRows(note, found)


class _Cursor:
    """Rows in the order of their first columns."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def take(self, key: tuple[int, ...], most: int) -> list[tuple[Any, ...]]:
        """The rows whose first columns are the key, after all rows before it: `most` of them, and then none."""
        size, rows, row = len(key), self._rows, self._next
        while row is not None and row[:size] < key:
            row = next(rows, None)
        found: list[tuple[Any, ...]] = []
        while row is not None and row[:size] == key and len(found) < most:
            found.append(row)
            row = next(rows, None)
        self._next = row
        return found
