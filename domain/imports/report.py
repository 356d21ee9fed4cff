"""Results of notes: numbers, and a line of CSV for each."""

import csv
import io
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import NamedTuple

import orjson

from domain.csv_formulas import defuse_formula
from domain.imports.plan import Outcome

REPORT_HEADER = "line,outcome,word,reading,cards,reviews,message\r\n"


class ReportLine(NamedTuple):
    """`cards`: that the note has now. `reviews`: that are new. `message`: a sentence, or ''."""

    line: int
    outcome: Outcome
    word: str = ""
    reading: str = ""
    cards: int = 0
    reviews: int = 0
    message: str = ""


@dataclass(slots=True)
class ImportCounts:
    """Numbers of notes by outcome, of new cards, of new and repeated reviews, and of reviews with impossible times."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    ambiguous: int = 0
    unknown: int = 0
    skipped: int = 0
    empty: int = 0
    rejected: int = 0
    created_cards: int = 0
    created_reviews: int = 0
    repeated_reviews: int = 0
    omitted_reviews: int = 0

    @classmethod
    def from_json(cls, text: str) -> "ImportCounts":
        return cls(**orjson.loads(text))

    def to_json(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    def add_lines(self, lines: Iterable[ReportLine]) -> None:
        for line in lines:
            name = line.outcome.value.lower()
            setattr(self, name, getattr(self, name) + 1)


def compress_report(lines: Iterable[ReportLine]) -> bytes:
    """Return compressed CSV without a header."""
    text = io.StringIO()
    writer = csv.writer(text)
    for line in lines:
        writer.writerow(
            (
                line.line,
                line.outcome.value,
                *map(defuse_formula, (line.word, line.reading)),
                *line[4:6],
                defuse_formula(line.message),
            )
        )
    return zlib.compress(text.getvalue().encode("utf-8", "replace"), 4)


def decompress_report(content: bytes) -> bytes:
    return zlib.decompress(content)
