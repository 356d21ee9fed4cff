"""Files with odd values in every cell: lines that cannot be imported are named, and the others are imported."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from content.shinjp_export import ShinjpExport
from domain.enums import ImportSourceKind
from domain.imports.plan import SkippedNote
from tests.content.test_shinjp_export import CARDS, REVIEWS, archive
from tests.odd_values import ODD_TEXTS, check_source

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
