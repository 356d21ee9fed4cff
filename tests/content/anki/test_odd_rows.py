"""Collections with odd values in any column: their notes are read, or named with a reason."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from content.anki.rejections import PackageProblem, PackageRejected
from domain.enums import ImportSourceKind
from domain.imports.plan import PlannedNote
from tests.content.anki.collections import edited, opened
from tests.odd_values import ODD_NUMBERS, check_source

ODD = (*ODD_NUMBERS, None, float("inf"), float("nan"), "", "abc", "12abc", "a\0b", b"\xff\0", b"", "x" * 70_000, "{}")
DATA = ('{"s": "nan", "d": 5}', '{"s": 1e-300, "d": 1}', '{"s": 1e300, "d": 10}', '{"s": [], "d": {}}', '"s" "d"')
TABLES = ("notes", "cards", "revlog")
NOTES = 14


def without_constraints(connection: sqlite3.Connection, table: str, key: str = "id INTEGER PRIMARY KEY") -> list[str]:
    """Replaces a table by one whose columns take all values."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    connection.execute(f"CREATE TABLE copy ({key}, {', '.join(columns[1:])})")
    connection.execute(f"INSERT INTO copy SELECT * FROM {table}")
    connection.execute(f"DROP TABLE {table}")
    connection.execute(f"ALTER TABLE copy RENAME TO {table}")
    return columns


def edits(table: str) -> Iterator[Callable[[sqlite3.Connection], None]]:
    """Edits that put each odd value into each column of some row."""
    names = [
        *("id", "guid", "mid", "mod", "usn", "tags", "flds", "sfld", "csum", "flags", "data"),
        *("nid", "did", "ord", "type", "queue", "due", "ivl", "factor", "reps", "lapses", "left", "odue", "odid"),
        *("cid", "ease", "lastIvl", "time"),
    ]
    for column in names:
        values = [value for value in (*ODD, *DATA) if column != "id" or type(value) is int]
        for start in range(0, len(values), NOTES):

            def edit(
                connection: sqlite3.Connection, column: str = column, values: tuple[object, ...] = tuple(values[start:])
            ) -> None:
                if column not in without_constraints(connection, table):
                    return
                ids = [row[0] for row in connection.execute(f"SELECT id FROM {table} ORDER BY id")]
                for id, value in zip(ids, values, strict=False):
                    connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE id = ?", (value, id))

            yield edit


@pytest.mark.parametrize("table", TABLES)
def test_values_of_rows(tmp_path: Path, table: str) -> None:
    read = 0
    for edit in edits(table):
        with opened(edited(tmp_path / "a.apkg", edit=edit)) as source:
            planned = check_source(source, ImportSourceKind.ANKI_PACKAGE)
        assert len(planned) == NOTES
        read += sum(isinstance(note, PlannedNote) for note in planned)
    assert read > NOTES


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("value", ["abc", None, 1.5, b"a"])
def test_ids_that_are_no_integers(tmp_path: Path, table: str, value: object) -> None:
    def edit(connection: sqlite3.Connection) -> None:
        without_constraints(connection, table, "id")
        connection.execute(f"UPDATE {table} SET id = ? WHERE id = (SELECT max(id) FROM {table})", (value,))

    with pytest.raises(PackageRejected) as raised, opened(edited(tmp_path / "a.apkg", edit=edit)) as source:
        check_source(source, ImportSourceKind.ANKI_PACKAGE)
    assert raised.value.problem is PackageProblem.CORRUPT


@pytest.mark.parametrize("created", [None, "abc", 1e300, -(2**63), 2**63 - 1, -62_135_596_800, 253_402_300_799, 0, 1.5])
def test_times_of_creation(tmp_path: Path, created: object) -> None:
    def edit(connection: sqlite3.Connection) -> None:
        without_constraints(connection, "col")
        connection.execute("UPDATE col SET crt = ?", (created,))

    with suppress(PackageRejected), opened(edited(tmp_path / "a.apkg", edit=edit)) as source:
        check_source(source, ImportSourceKind.ANKI_PACKAGE)


def test_names_and_ordinals_of_note_types(tmp_path: Path) -> None:
    """Names lose null characters; ordinals that no number of the API can have are damage."""

    def change(found: str, replaced: str) -> Callable[[sqlite3.Connection], object]:
        statement = "UPDATE col SET models = replace(models, ?, ?), decks = replace(decks, ?, ?)"
        return lambda connection: connection.execute(statement, (found, replaced) * 2)

    with opened(edited(tmp_path / "a.apkg", edit=change('"name":"', '"name":"\\u0000odd '))) as source:
        check_source(source, ImportSourceKind.ANKI_PACKAGE)
        summary = source.summary()
        names = [each.name for each in summary.note_types] + [each.name for each in summary.decks]
        assert all(name.startswith("odd ") for name in names)
    with (
        pytest.raises(PackageRejected),
        opened(edited(tmp_path / "b.apkg", edit=change('"ord":0', '"ord":99999999999999'))),
    ):
        pass
