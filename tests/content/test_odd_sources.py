"""Files with odd values in every cell: lines that cannot be imported are named, and the others are imported."""

import csv
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from content.delimited_notes import DelimitedSource
from content.shinjp_export import ShinjpExport
from content.wanikani.progress import FORMAT
from content.wanikani.source import WaniKaniProgress
from domain.enums import ImportSourceKind
from domain.imports.plan import Outcome, PlannedNote, SkippedNote
from tests.content.test_shinjp_export import CARDS, REVIEWS, archive
from tests.odd_values import ODD_NUMBERS, ODD_TEXTS, check_source

# A row of each file, that has a value in each column.
CARD_HEADER, CARD = [list(row) for row in list(csv.reader(io.StringIO(CARDS)))[:2]]
REVIEW_HEADER, REVIEW = [list(row) for row in list(csv.reader(io.StringIO(REVIEWS)))[:2]]


def written(header: list[str], rows: list[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([header, *rows])
    return text.getvalue()


def changed(row: list[str], index: int, value: str) -> list[str]:
    return [*row[:index], value, *row[index + 1 :]]


def odd_rows(header: list[str], row: list[str]) -> Iterator[tuple[str, str, list[str]]]:
    for index, column in enumerate(header):
        for value in ODD_TEXTS:
            yield column, value, changed(row, index, value)


@pytest.mark.parametrize("state", ["REVIEW", "LEARNING", "NEW"])
@pytest.mark.parametrize("last_reviewed_at", ["2026-11-23T10:00:00Z", ""])
def test_cells_of_exported_cards(tmp_path: Path, state: str, last_reviewed_at: str) -> None:
    usual = changed(CARD, CARD_HEADER.index("state"), state)
    usual = changed(usual, CARD_HEADER.index("lastReviewedAt"), last_reviewed_at)
    mutations = list(odd_rows(CARD_HEADER, usual))
    rows = [
        row if column == "id" else changed(row, 0, f"card {number}")
        for number, (column, _, row) in enumerate(mutations)
    ]
    file = archive(tmp_path, cards_csv=written(CARD_HEADER, rows), reviews_csv=written(REVIEW_HEADER, []))
    source = ShinjpExport.open(file, tmp_path)
    planned = check_source(source, ImportSourceKind.SHINJP_EXPORT)
    source.close()
    rejected = dict[str, set[str]]()
    for number, ((column, value, _), note) in enumerate(zip(mutations, planned, strict=True), 2):
        if isinstance(note, SkippedNote):
            assert note.line == number
            rejected.setdefault(column, set()).add(value)
            assert note.reason.startswith((f"Row {number} of cards.csv: ", "The field 'Expression' has no word.")), note
    numbers = {"nan", "inf", "1e999", "-1", "１２", "1_000", "null", "a\0b", "a\udcffb"}
    for column in ("intervalDays", "easeFactor", "repetitions", "lapses", "flag", "state", "dueAt", "createdAt"):
        assert numbers <= rejected[column], column
    assert ("0" in rejected["intervalDays"]) == (state == "REVIEW")
    assert {"a\0b", "a\udcffb"} <= rejected["word"] & rejected["tags"] & rejected["context"] & rejected["id"]
    assert rejected.keys() <= set(CARD_HEADER) - {"jlptLevel"}


def test_cells_of_exported_reviews(tmp_path: Path) -> None:
    mutations = list(odd_rows(REVIEW_HEADER, REVIEW))
    of_card = REVIEW_HEADER.index("cardId")
    cards = [changed(CARD, 0, f"card {number}") for number in range(len(mutations))]
    reviews = [
        row if column == "cardId" else changed(row, of_card, f"card {number}")
        for number, (column, _, row) in enumerate(mutations)
    ]
    file = archive(tmp_path, cards_csv=written(CARD_HEADER, cards), reviews_csv=written(REVIEW_HEADER, reviews))
    source = ShinjpExport.open(file, tmp_path)
    planned = check_source(source, ImportSourceKind.SHINJP_EXPORT)
    warnings = source.summary().warnings
    source.close()
    rejected = dict[str, set[str]]()
    for number, ((column, value, _), note) in enumerate(zip(mutations, planned, strict=True), 2):
        if isinstance(note, SkippedNote):
            rejected.setdefault(column, set()).add(value)
            assert note.reason.startswith(f"Row {number} of reviews.csv: {column}"), note
    assert {"9", "-1", "nan", "", "１２"} <= rejected["quality"]
    assert {"9999-12-31T23:59:59-23:59", "2026-02-30T00:00:00Z", ""} <= rejected["reviewedAt"]
    assert rejected.keys() == {
        *("reviewedAt", "quality", "intervalDaysAfter", "durationMs", "undone", "idempotencyKey", "rescheduled")
    }
    orphans = f"{len(ODD_TEXTS):,} reviews are of cards that the file does not have, and will not be imported."
    assert orphans in warnings


def test_rows_of_other_lengths(tmp_path: Path) -> None:
    rows = [CARD[:length] for length in range(1, len(CARD))] + [[*CARD, "more"]]
    rows = [[f"card {number}", *row[1:]] for number, row in enumerate(rows)]
    reviews = [REVIEW[:length] for length in range(1, len(REVIEW))]
    file = archive(tmp_path, cards_csv=written(CARD_HEADER, rows), reviews_csv=written(REVIEW_HEADER, reviews))
    source = ShinjpExport.open(file, tmp_path)
    planned = check_source(source, ImportSourceKind.SHINJP_EXPORT)
    assert [isinstance(note, SkippedNote) for note in planned] == [True] * (len(rows) - 1) + [False]
    source.close()


ANKI_HEADERS = "#separator:tab\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n"


@pytest.mark.parametrize("header", [ANKI_HEADERS, "Guid\tWord\tReading\tDeck\tMeaning\tTags\n", ""])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_cells_of_text_files(tmp_path: Path, header: str, encoding: str) -> None:
    usual = ["id", "Basic", "猫", "ねこ", "cat", "animal N5"]
    # Null characters make a file binary, except in UTF-16, which has no bytes that are not valid.
    values = [value for value in ODD_TEXTS if ("\0" if encoding == "utf-8" else "\udcff") not in value]
    text = header + "".join(
        "\t".join(changed([f"id {number}", *usual[1:]], index, value)) + "\n"
        for index in range(len(usual))
        for number, value in enumerate(values)
    )
    path = tmp_path / "file"
    path.write_bytes(text.encode(encoding, "surrogateescape"))
    planned = check_source(DelimitedSource(path), ImportSourceKind.CSV)
    assert sum(isinstance(note, PlannedNote) for note in planned) > len(values)
    rejected = [note for note in planned if isinstance(note, SkippedNote) and note.outcome is Outcome.REJECTED]
    assert len(rejected) >= len(usual)


@pytest.mark.parametrize("name", ["deck", "notetype", "tags", "columns"])
def test_headers_with_odd_values(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file"
    for value in ODD_TEXTS:
        if "\udcff" not in value:
            path.write_bytes(f"#separator:tab\n#{name}:{value}\n猫\tcat\n".encode("utf-16"))
            check_source(DelimitedSource(path), ImportSourceKind.CSV)


ASSIGNMENT: dict[str, Any] = {
    "created_at": "2026-01-01T00:00:00Z",
    "started_at": "2026-01-02T00:00:00Z",
    "srs_stage": 6,
    "hidden": False,
    "available_at": "2026-12-01T00:00:00Z",
    "burned_at": "2026-11-01T00:00:00Z",
}
COUNTS = {f"{name}_{result}": 5 for name in ("meaning", "reading") for result in ("correct", "incorrect")}
MATERIALS = {"meaning_synonyms": ["feline"], "meaning_note": "my cat", "reading_note": None}
SUBJECT: dict[str, Any] = {
    "id": 1,
    "type": "vocabulary",
    "characters": "猫",
    "readings": ["ねこ"],
    "meanings": ["cat"],
    "level": 3,
    "assignment": ASSIGNMENT,
    "statistics": COUNTS,
    "materials": MATERIALS,
}
MISSING = object()


def odd_items() -> Iterator[dict[str, Any]]:
    values = [*ODD_TEXTS, *ODD_NUMBERS, None, True, [], {}, [None], [[]], {"a": 1}, MISSING]
    for stage in (0, 2, 6, 9):
        usual = {**SUBJECT, "assignment": {**ASSIGNMENT, "srs_stage": stage}}
        for name in usual:
            yield from (without_missing({**usual, name: value}) for value in values)
        for part in ("assignment", "statistics", "materials"):
            for name in usual[part]:
                yield from ({**usual, part: without_missing({**usual[part], name: value})} for value in values)


def without_missing(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not MISSING}


def test_fields_of_wanikani(tmp_path: Path) -> None:
    items = [json.dumps(item).encode() for item in odd_items()]
    # Lines that are no JSON, or no objects.
    items += [b"{", b"", b"\xff", b"[" * 5_000, b"NaN", b"5", b'"a"', items[0][:-5]]
    random.Random(1).shuffle(items)
    path = tmp_path / "file"
    path.write_bytes(b"\n".join([json.dumps(FORMAT).encode(), *items]) + b"\n")
    planned = check_source(WaniKaniProgress(path), ImportSourceKind.WANIKANI)
    assert len(planned) == len(items)
    outcomes = {note.outcome for note in planned if isinstance(note, SkippedNote)}
    assert outcomes == {Outcome.REJECTED, Outcome.EMPTY}
    assert sum(isinstance(note, PlannedNote) for note in planned) > len(items) / 3
