"""Packages that a stranger made to harm are rejected with a reason, in bounded time and memory."""

import io
import sqlite3
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from content.anki.decompression import decompress_zstd
from content.anki.package import AnkiPackage
from content.anki.rejections import PackageProblem, PackageRejected
from tests.content.anki.collections import (
    DAYS,
    PACKAGES,
    compressed,
    edited,
    frame_with_window,
    opened,
    packed,
)

MIB = 1024 * 1024
GOLDEN = PACKAGES / "sm2.anki21b.apkg"
# Of Python's objects, while a package of any size is rejected.
MAX_PYTHON_BYTES = 16 * MIB


def problem_of(package: Path, max_bytes: int = 64 * MIB) -> PackageProblem:
    """Reads everything. Fails if the package is accepted, or if it takes much memory."""
    tracemalloc.start()
    try:
        with pytest.raises(PackageRejected) as raised:
            read_everything(package, max_bytes)
        assert tracemalloc.get_traced_memory()[1] < MAX_PYTHON_BYTES
    finally:
        tracemalloc.stop()
    assert str(raised.value).endswith(".")
    assert len(str(raised.value)) < 300
    return raised.value.problem


def read_everything(package: Path, max_bytes: int) -> None:
    with opened(package, max_bytes) as source:
        source.summary()
        for _ in source.notes():
            pass


def changed(package: Path, change: Callable[[bytearray], None]) -> bytes:
    content = bytearray(package.read_bytes())
    change(content)
    return bytes(content)


def set_bytes(signature: bytes, offset: int, value: bytes) -> Callable[[bytearray], None]:
    """Changes the last record with the signature."""

    def change(content: bytearray) -> None:
        at = content.rindex(signature) + offset
        content[at : at + len(value)] = value

    return change


ENTRY, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"
ARCHIVES = {
    "empty": (b"", PackageProblem.NOT_A_PACKAGE),
    "no archive": (b"PK" * 50_000, PackageProblem.NOT_A_PACKAGE),
    "a truncated archive": (GOLDEN.read_bytes()[:-30], PackageProblem.NOT_A_PACKAGE),
    "data before the archive": (b"\0" * 7 + GOLDEN.read_bytes(), PackageProblem.CORRUPT),
    "data after the archive": (GOLDEN.read_bytes() + b"\0", PackageProblem.CORRUPT),
    "an encrypted entry": (changed(GOLDEN, set_bytes(ENTRY, 8, b"\x01")), PackageProblem.UNSUPPORTED),
    "Zip64": (changed(GOLDEN, set_bytes(END, 16, b"\xff" * 4)), PackageProblem.UNSUPPORTED),
    "a Zip64 entry": (changed(GOLDEN, set_bytes(ENTRY, 20, b"\xff" * 4)), PackageProblem.UNSUPPORTED),
    "a split archive": (changed(GOLDEN, set_bytes(END, 4, b"\x01")), PackageProblem.UNSUPPORTED),
    "too few entries": (changed(GOLDEN, set_bytes(END, 8, b"\x03\0\x03\0")), PackageProblem.CORRUPT),
    "too many entries": (changed(GOLDEN, set_bytes(END, 8, b"\x05\0\x05\0")), PackageProblem.CORRUPT),
    "an entry outside of the archive": (changed(GOLDEN, set_bytes(ENTRY, 42, b"\xf0" * 4)), PackageProblem.CORRUPT),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_archives(name: str, tmp_path: Path) -> None:
    content, problem = ARCHIVES[name]
    package = tmp_path / "a.apkg"
    package.write_bytes(content)
    assert problem_of(package) is problem


@pytest.mark.parametrize("name", ["../collection.anki2", "/etc/passwd", "a/../../b", "..\\b", "C:\\b", "a\0b"])
def test_names_outside_of_the_folder(name: str, tmp_path: Path) -> None:
    """`zipfile` writes no such name: it replaces one of the same length."""
    encoded = name.encode()
    content = packed(tmp_path / "a.apkg", {"collection.anki21": b"", "x" * len(encoded): b""}).read_bytes()
    (tmp_path / "a.apkg").write_bytes(content.replace(b"x" * len(encoded), encoded))
    assert problem_of(tmp_path / "a.apkg") is PackageProblem.UNSAFE


def test_duplicate_names(tmp_path: Path) -> None:
    package = packed(tmp_path / "a.apkg", {"collection.anki21": b"first", "collection.anki2x": b"second"})
    package.write_bytes(package.read_bytes().replace(b"collection.anki2x", b"collection.anki21"))
    assert problem_of(package) is PackageProblem.UNSAFE


def test_directories_of_many_entries(tmp_path: Path) -> None:
    """46 bytes each: a parsed directory of 65,534 entries would take 30 MiB."""
    entry = struct.pack("<4s6H3L5H2L", ENTRY, 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    directory = entry * 65_534
    end = struct.pack("<4s4H2LH", END, 0, 0, 65_534, 65_534, len(directory), 0, 0)
    (tmp_path / "a.apkg").write_bytes(directory + end)
    assert problem_of(tmp_path / "a.apkg") is PackageProblem.UNSAFE


@pytest.mark.parametrize("name", ["collection.anki2", "collection.anki21", "collection.anki21b"])
def test_bombs(name: str, tmp_path: Path) -> None:
    """Sizes are counted during decompression; headers may lie."""
    zeros = bytes(80 * MIB)
    content = compressed(zeros) if name.endswith("b") else zeros
    package = packed(tmp_path / "a.apkg", {name: content})
    del zeros
    assert problem_of(package) is PackageProblem.TOO_LARGE
    # By its ratio, below the limit of the size.
    assert problem_of(package, 1024 * MIB) is PackageProblem.TOO_LARGE
    package.write_bytes(changed(package, set_bytes(ENTRY, 24, struct.pack("<L", 10))))
    assert problem_of(package) in (PackageProblem.TOO_LARGE, PackageProblem.CORRUPT)


@pytest.mark.parametrize("window_log", [26, 31, 41])
def test_windows_of_zstandard(window_log: int) -> None:
    assert list(decompress_zstd(iter([frame_with_window(25)]))) == [b""]
    with pytest.raises(PackageRejected) as raised:
        list(decompress_zstd(iter([frame_with_window(window_log)])))
    assert raised.value.problem in (PackageProblem.TOO_LARGE, PackageProblem.CORRUPT)


def test_damaged_frames(tmp_path: Path) -> None:
    with zipfile.ZipFile(GOLDEN) as archive:
        frame = archive.read("collection.anki21b")
    for content in (frame[:-1], frame + b"\0", frame + frame, b"", frame[:40] + b"\xff" * 40 + frame[80:]):
        package = packed(tmp_path / "a.apkg", {"collection.anki21b": content})
        assert problem_of(package) is PackageProblem.CORRUPT


def test_wrong_checksum(tmp_path: Path) -> None:
    original, package = PACKAGES / "sm2.anki2.apkg", tmp_path / "a.apkg"
    with zipfile.ZipFile(original) as archive:
        crc = struct.pack("<L", archive.getinfo("collection.anki2").CRC)
    package.write_bytes(original.read_bytes().replace(crc, b"\1\2\3\4"))
    assert problem_of(package) is PackageProblem.CORRUPT


def test_the_named_version_decides(tmp_path: Path) -> None:
    """A package of the newest version without its collection has only the note that says so."""
    with zipfile.ZipFile(GOLDEN) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    del entries["collection.anki21b"]
    assert problem_of(packed(tmp_path / "a.apkg", entries)) is PackageProblem.NOT_A_PACKAGE
    assert problem_of(packed(tmp_path / "b.apkg", entries | {"meta": b"\x08\x04"})) is PackageProblem.UNSUPPORTED
    assert problem_of(packed(tmp_path / "c.apkg", entries | {"meta": b"\xff" * 900})) is PackageProblem.UNSUPPORTED
    assert problem_of(packed(tmp_path / "d.apkg", entries | {"meta": bytes(9_000)})) is PackageProblem.TOO_LARGE
    assert problem_of(packed(tmp_path / "e.apkg", {"media": b"{}"})) is PackageProblem.NOT_A_PACKAGE


SCHEMAS = {
    "a trigger": ["CREATE TRIGGER t AFTER INSERT ON notes BEGIN SELECT 1; END"],
    "a view": ["ALTER TABLE notes RENAME TO others", "CREATE VIEW notes AS SELECT * FROM others"],
    "a view without use": ["CREATE VIEW v AS SELECT zeroblob(1000000000)"],
    "a virtual table": ["CREATE VIRTUAL TABLE v USING fts5(a)"],
    "a generated column": ["ALTER TABLE notes ADD COLUMN x AS (zeroblob(id * 1000000))"],
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_that_run_code(name: str, tmp_path: Path) -> None:
    package = edited(tmp_path / "a.apkg", *SCHEMAS[name])
    assert problem_of(package) is PackageProblem.UNSAFE


def test_expressions_in_indexes_are_not_evaluated(tmp_path: Path) -> None:
    with opened(edited(tmp_path / "a.apkg", "CREATE INDEX i ON notes (length(flds) + abs(id))")) as source:
        assert len(list(source.notes())) == 14


def test_unknown_collations(tmp_path: Path) -> None:
    def add_table(connection: sqlite3.Connection) -> None:
        connection.create_collation("evil", lambda first, second: 0)
        columns = "ord, did, type, queue, due, ivl, factor, reps, lapses, odue, odid, flags, data"
        connection.executescript(
            f"CREATE TABLE c (id INTEGER, nid INTEGER COLLATE evil, {columns});"
            f"INSERT INTO c SELECT id, nid, {columns} FROM cards;"
            "DROP TABLE cards; ALTER TABLE c RENAME TO cards;"
        )

    assert problem_of(edited(tmp_path / "a.apkg", edit=add_table)) is PackageProblem.CORRUPT


def test_schemas_of_many_tables(tmp_path: Path) -> None:
    def add_tables(connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN")
        for number in range(1_000):
            connection.execute(f"CREATE TABLE t{number} (a)")
        connection.execute("COMMIT")

    assert problem_of(edited(tmp_path / "a.apkg", edit=add_tables)) is PackageProblem.TOO_LARGE


def test_missing_tables_and_other_files(tmp_path: Path) -> None:
    assert problem_of(edited(tmp_path / "a.apkg", "DROP TABLE revlog")) is PackageProblem.CORRUPT
    assert problem_of(edited(tmp_path / "b.apkg", "ALTER TABLE cards DROP COLUMN data")) is PackageProblem.CORRUPT
    assert problem_of(edited(tmp_path / "c.apkg", "DELETE FROM col")) is PackageProblem.CORRUPT
    assert problem_of(edited(tmp_path / "d.apkg", "UPDATE col SET ver = 99")) is PackageProblem.UNSUPPORTED
    assert problem_of(packed(tmp_path / "e.apkg", {"collection.anki21": b"no database"})) is PackageProblem.CORRUPT
    assert problem_of(packed(tmp_path / "f.apkg", {"collection.anki21": b""})) is PackageProblem.CORRUPT


@pytest.mark.parametrize(
    "value",
    ["", "[]", "[" * 50_000, '{"1": 5}', '{"1": {"name": "a", "flds": [], "tmpls": [{}], "type": 0}}', '{"x": {}}'],
)
def test_unreadable_note_types(value: str, tmp_path: Path) -> None:
    assert problem_of(edited(tmp_path / "a.apkg", f"UPDATE col SET models = '{value}'")) is PackageProblem.CORRUPT


def test_many_decks_and_large_values(tmp_path: Path) -> None:
    decks = "(SELECT json_group_object(value, json_object('name', 'deck')) FROM generate)"
    generate = "WITH RECURSIVE generate (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM generate LIMIT 10000)"
    package = edited(tmp_path / "a.apkg", f"{generate} UPDATE col SET decks = {decks}")
    assert problem_of(package) is PackageProblem.TOO_LARGE
    package = edited(
        tmp_path / "b.apkg", "UPDATE notes SET flds = hex(zeroblob(9000000)) WHERE id = (SELECT max(id) FROM notes)"
    )
    assert problem_of(package) is PackageProblem.TOO_LARGE


def test_notes_with_too_many_cards_are_rejected_alone(tmp_path: Path) -> None:
    package = edited(
        tmp_path / "a.apkg",
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000) INSERT INTO cards SELECT i,"
        " (SELECT min(id) FROM notes), 1, i, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '' FROM n",
    )
    with opened(package) as source:
        first, *others = source.notes()
        assert "more cards" in getattr(first, "reason", "")
        assert all(hasattr(note, "cards") for note in others)


def test_pages_that_refer_to_each_other(tmp_path: Path) -> None:
    """Damaged pages: any, one after another. Nothing but a rejection happens, or the notes are read."""
    with zipfile.ZipFile(PACKAGES / "sm2.anki21.apkg") as archive:
        database = archive.read("collection.anki21")
    size = struct.unpack(">H", database[16:18])[0]
    rejected = 0
    for page in range(len(database) // size):
        for damage in (bytes(64), b"\x05" + bytes(9) + b"\0\0\0\2" * 12, database[size * 2 : size * 2 + 64]):
            at = size * page + (100 if page == 0 else 0)
            content = database[:at] + damage[:64] + database[at + 64 :]
            package = packed(tmp_path / "a.apkg", {"collection.anki21": content})
            try:
                with opened(package) as source:
                    source.summary()
                    assert sum(1 for _ in source.notes()) < 10_000
            except PackageRejected:
                rejected += 1
    assert rejected > 20


def test_steps_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("content.anki.database._STEPS", 1_000)
    package = edited(
        tmp_path / "a.apkg",
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000)"
        " INSERT INTO revlog SELECT i, i, 0, 1, 1, 1, 1, 1, 1 FROM n",
    )
    assert problem_of(package) is PackageProblem.TOO_LARGE


def test_files_are_removed_on_rejection(tmp_path: Path) -> None:
    package = edited(tmp_path / "a.apkg", "DELETE FROM col")
    directory = tmp_path / "work"
    directory.mkdir()
    with pytest.raises(PackageRejected):
        AnkiPackage.open(package, directory, DAYS)
    assert not list(directory.iterdir())


def test_entries_of_other_methods(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("collection.anki2", b"SQLite format 3\0" + zlib.compress(b"x"))
    (tmp_path / "a.apkg").write_bytes(content.getvalue())
    assert problem_of(tmp_path / "a.apkg") is PackageProblem.UNSUPPORTED
