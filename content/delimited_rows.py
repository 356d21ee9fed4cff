"""Records of delimited text, read in bounded memory. Those that cannot be read have a reason."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from domain.imports.records import RejectedNote, SourceRejectedError

DELIMITERS = ("\t", ",", ";", "|")
MAX_LINE_LENGTH = 64 * 1024
# Of one record. A quotation mark that is never closed would otherwise take the rest of the file.
_MAX_RECORD_LINES = 50
_MAX_RECORD_LENGTH = 128 * 1024
MAX_REJECTED = 10_000
_MAX_COLUMNS = 200
_SHOWN_LENGTH = 80
_SAMPLE_LINES = 30


@dataclass(frozen=True, slots=True)
class Record:
    """A record. `line`: its first one, from 1."""

    line: int
    cells: list[str]


class _Lines:
    """Lines of a file with their numbers; lines can be returned. None is one that is too long."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._returned: deque[tuple[int, str | None]] = deque()
        self._number = 0

    def next(self) -> tuple[int, str | None] | None:
        if self._returned:
            return self._returned.popleft()
        line = self._file.readline(MAX_LINE_LENGTH)
        if not line:
            return None
        self._number += 1
        if line.endswith("\n") or len(line) < MAX_LINE_LENGTH:
            return self._number, line.removesuffix("\n")
        while (rest := self._file.readline(MAX_LINE_LENGTH)) and not rest.endswith("\n"):
            pass
        return self._number, None

    def restore(self, lines: list[tuple[int, str | None]]) -> None:
        self._returned.extendleft(reversed(lines))


def read_records(file: TextIO, delimiter: str, encoding: str) -> Iterator[Record | RejectedNote]:
    """Yield the records of a file in their order, without empty ones.

    `encoding`: its name, for reasons. Raises SourceRejectedError if more than `MAX_REJECTED` lines are rejected.
    """
    lines = _Lines(file)
    rejected = 0
    while (first := lines.next()) is not None:
        record = _read_record(lines, first, delimiter, encoding)
        if record is None:
            continue
        if isinstance(record, RejectedNote):
            rejected += 1
            if rejected > MAX_REJECTED:
                # An import that is rejected has no result that names lines.
                raise SourceRejectedError(
                    f"More than {MAX_REJECTED:,} lines cannot be read. Line {record.line}: {record.reason}"
                )
        yield record


def detect_delimiter(sample: list[str]) -> str:
    """Return the delimiter by which most lines have the same number of cells; a tab if there is none."""
    best, best_score = "\t", 0.0
    for delimiter in DELIMITERS:
        counts = [len(next(_parse(line, delimiter), [])) for line in sample if line.strip()]
        split = [count for count in counts if count > 1]
        if not split:
            continue
        usual = max(set(split), key=split.count)
        score = split.count(usual) / len(counts) + usual / 1_000
        if score > best_score:
            best, best_score = delimiter, score
    return best


def sample_lines(file: TextIO) -> list[str]:
    """Return the first lines, for `detect_delimiter`."""
    lines = _Lines(file)
    found = [lines.next() for _ in range(_SAMPLE_LINES)]
    return [line[1][:2_000] for line in found if line is not None and line[1] is not None and line[1][:1] != "#"]


def _read_record(
    lines: _Lines, first: tuple[int, str | None], delimiter: str, encoding: str
) -> Record | RejectedNote | None:
    number, text = first
    if text is None:
        return RejectedNote(number, f"The line has more than {MAX_LINE_LENGTH:,} characters.")
    if not text.strip(delimiter + " \ufeff"):
        return None
    following: list[tuple[int, str | None]] = []
    if '"' in text:
        is_open = _is_open(text, delimiter)
        while is_open:
            line = lines.next()
            if line is not None:
                following.append(line)
            if line is None or line[1] is None or len(following) > _MAX_RECORD_LINES or len(text) > _MAX_RECORD_LENGTH:
                lines.restore(following)
                reason = "A quotation mark is opened and not closed in the next lines."
                return RejectedNote(number, reason, text[:_SHOWN_LENGTH])
            text = f"{text}\n{line[1]}"
            is_open = '"' not in line[1] or _is_open(text, delimiter)
        try:
            cells = next(_parse(text, delimiter), [])
        except csv.Error as error:
            return RejectedNote(number, f"The line cannot be read: {error}.", text[:_SHOWN_LENGTH])
    else:
        cells = text.split(delimiter)
    problem = _problem(text, cells, encoding)
    return Record(number, cells) if problem is None else RejectedNote(number, problem, _shown(text))


def _parse(text: str, delimiter: str, *, strict: bool = False) -> Iterator[list[str]]:
    """Also of cells with a space before the quotation mark, as in `食べる, "to eat, to live on"`."""
    return csv.reader([text], delimiter=delimiter, skipinitialspace=delimiter != " ", strict=strict)


def _is_open(text: str, delimiter: str) -> bool:
    """Whether a quoted cell is not closed."""
    try:
        for _ in _parse(text, delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def _problem(text: str, cells: list[str], encoding: str) -> str | None:
    if "\x00" in text:
        return "The line has null characters."
    if "\ufffd" in text:
        return f"The line has bytes that are not valid in {encoding}."
    if len(cells) > _MAX_COLUMNS:
        return f"The line has {len(cells):,} columns; the maximum is {_MAX_COLUMNS}."
    return None


def _shown(text: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in text[:_SHOWN_LENGTH])
