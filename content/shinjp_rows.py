"""Rows of exports. Each value is checked: a file may have been edited."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from common.text import truncate
from domain.errors import BadUserInput
from domain.ids import parse_global_id_as
from domain.timestamps import MIN_TIMESTAMP, parse_timestamp

# As `csv` limits it.
_MAX_LENGTH = 128 * 1024
# A century after the last interval.
_MAX_TIMESTAMP = datetime(2200, 1, 1, tzinfo=UTC)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INTEGER = re.compile(r"[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SHOWN_LENGTH = 60

EnumT = TypeVar("EnumT", bound=StrEnum)
IdT = TypeVar("IdT", bound=UUID)


def storable(text: str) -> str:
    """Return the string without null characters, and with marks for bytes that are not UTF-8."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


class InvalidRowError(ValueError):
    """The message names the row and the value."""


@dataclass(frozen=True, slots=True)
class ExportedRow:
    """A row of a file. `number`: as a spreadsheet shows it."""

    file: str
    number: int
    values: Mapping[str, str]

    @property
    def name(self) -> str:
        return f"Row {self.number} of {self.file}"

    def text(self, column: str, max_length: int = _MAX_LENGTH, *, required: bool = False) -> str:
        value = self.values[column]
        if required and not value:
            raise self.invalid(column, "a value")
        if len(value) > max_length:
            raise self.invalid(column, f"a string of at most {max_length:,} characters")
        if _UNSTORABLE.search(value):
            raise self.invalid(column, "valid UTF-8 without null characters")
        return value

    def number_in(self, column: str, lowest: float, highest: float) -> float:
        text = self.values[column]
        value = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not lowest <= value <= highest:
            raise self.invalid(column, f"a number from {lowest:,g} to {highest:,g}")
        return value

    def integer_in(self, column: str, highest: int) -> int:
        text = self.values[column]
        value = int(text) if _INTEGER.fullmatch(text) else -1
        if not 0 <= value <= highest:
            raise self.invalid(column, f"an integer from 0 to {highest:,}")
        return value

    def is_true(self, column: str) -> bool:
        if self.values[column] not in ("true", "false"):
            raise self.invalid(column, "true or false")
        return self.values[column] == "true"

    def member(self, column: str, kinds: type[EnumT]) -> EnumT:
        try:
            return kinds(self.values[column])
        except ValueError:
            raise self.invalid(column, f"one of {', '.join(kinds)}") from None

    def timestamp(self, column: str) -> datetime:
        try:
            return parse_timestamp(self.values[column])
        except BadUserInput:
            raise self.invalid(column, "a timestamp such as 2026-01-31T09:00:00Z") from None

    def day(self, column: str) -> date:
        value = self.values[column]
        try:
            found = date.fromisoformat(value) if _DAY.fullmatch(value) else None
        except ValueError:
            found = None
        if found is None or not MIN_TIMESTAMP.date() <= found <= _MAX_TIMESTAMP.date():
            raise self.invalid(column, "a day such as 2026-01-31")
        return found

    def id(self, column: str, id_type: Callable[[UUID], IdT]) -> IdT:
        try:
            return parse_global_id_as(id_type, self.values[column])
        except BadUserInput:
            raise self.invalid(column, "an id") from None

    def schedule_timestamp(self, column: str) -> datetime:
        """Of a schedule, to which days may be added."""
        value = self.timestamp(column)
        if not MIN_TIMESTAMP <= value <= _MAX_TIMESTAMP:
            raise self.invalid(column, f"a timestamp in the years {MIN_TIMESTAMP.year} to {_MAX_TIMESTAMP.year}")
        return value

    def has_columns(self, columns: Iterable[str]) -> bool:
        return all(column in self.values for column in columns)

    def has(self, column: str) -> bool:
        return bool(self.values[column])

    def invalid(self, column: str, expected: str) -> InvalidRowError:
        shown = storable(truncate(self.values[column], _SHOWN_LENGTH))
        return InvalidRowError(f"{self.name}: {column} {shown!r} is not {expected}.")
