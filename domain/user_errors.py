"""What a person can mend in what they sent: answered as data, in the `errors` of a payload."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from domain.errors import BadUserInput
from domain.ids import parse_id_of, shorten
from domain.list_sizes import MAX_ERRORS
from domain.text import is_single_line, is_visible_text
from domain.timestamps import EARLIEST_MOMENT


class UserErrorCode(StrEnum):
    """Every value that a payload's error can have as its code."""

    REQUIRED = "REQUIRED"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    LIMIT_REACHED = "LIMIT_REACHED"


@dataclass(frozen=True, slots=True)
class UserError:
    """One thing that is wrong. `path` leads to it from the input: ("reviews", "3", "quality")."""

    code: UserErrorCode
    message: str
    path: tuple[str, ...]


class Rejected(Exception):
    """The input cannot be used, and nothing was changed. Of many errors it has the first."""

    def __init__(self, *errors: UserError) -> None:
        super().__init__(errors[0].message)
        self.errors = errors[:MAX_ERRORS]


def rejected(code: UserErrorCode, message: str, *path: str) -> Rejected:
    """For a single error."""
    return Rejected(UserError(code, message, path))


def check_found(ids: Sequence[UUID], known: Collection[UUID], message: str, path: str) -> None:
    """Raises Rejected with a NOT_FOUND for each id that is not known, at its place in the list of that name."""
    errors = [
        UserError(UserErrorCode.NOT_FOUND, message, (path, str(index)))
        for index, id in enumerate(ids)
        if id not in known
    ]
    if errors:
        raise Rejected(*errors)


def checked_id(type_name: str, value: str, path: str) -> UUID:
    """The id in a global id. Raises Rejected where it is not one of this type."""
    checks = Checks()
    id = checks.id_of(type_name, value, path)
    checks.passed()
    return id


def checked_ids(type_name: str, values: Sequence[str], highest: int, path: str) -> list[UUID]:
    """The ids in global ids, 1 to `highest` of them. Raises Rejected where one is not of this type."""
    checks = Checks()
    checks.size(values, highest, path)
    checks.passed()
    ids = checks.ids_of(type_name, values, path)
    checks.passed()
    return ids


class Checks:
    """Looks at all values of an input, so that a person learns of every error at once.

    `prefix` stands before the path of each. Each check returns a usable value whatever it found; `passed` raises.
    """

    def __init__(self, *prefix: str) -> None:
        self._prefix = prefix
        self.errors: list[UserError] = []

    def passed(self) -> None:
        """Raises Rejected with all errors there are."""
        if self.errors:
            raise Rejected(*self.errors)

    def fail(self, code: UserErrorCode, message: str, *path: str) -> None:
        self.errors.append(UserError(code, message, (*self._prefix, *path)))

    def text(self, value: str, longest: int, *path: str, empty: bool = False) -> str:
        """Without blanks around it, at most `longest` characters, some of which show something."""
        text = value.strip()
        if not text:
            if not empty:
                self.fail(UserErrorCode.REQUIRED, f"{path[-1]} is empty.", *path)
        elif len(text) > longest:
            self.fail(UserErrorCode.TOO_LONG, f"{path[-1]} has {len(text)} characters; {longest} are allowed.", *path)
        elif not is_visible_text(text):
            self.fail(UserErrorCode.REQUIRED, f"{path[-1]}: {_escaped(text)} shows nothing.", *path)
        return text

    def line(self, value: str, longest: int, *path: str, empty: bool = False) -> str:
        """A text for one line, such as a name or a title."""
        text = self.text(value, longest, *path, empty=empty)
        # What is printable is of one line, which is found out in a third of the time.
        if not text.isprintable() and len(text) <= longest and not is_single_line(text):
            message = f"{path[-1]}: {_escaped(text)} has line breaks or other control characters."
            self.fail(UserErrorCode.INVALID, message, *path)
        return text

    def number(self, value: float, lowest: float, highest: float, *path: str) -> None:
        if not lowest <= value <= highest:
            self.fail(UserErrorCode.OUT_OF_RANGE, f"{path[-1]}: {value} is outside {lowest} to {highest}.", *path)

    def size(self, values: Sequence[object], highest: int, *path: str) -> None:
        """At least one, and not too many."""
        if not values:
            self.fail(UserErrorCode.TOO_SHORT, f"{path[-1]} is empty.", *path)
        elif len(values) > highest:
            self.fail(UserErrorCode.TOO_LONG, f"{path[-1]} has {len(values)} items; {highest} are allowed.", *path)

    def moment(self, value: datetime | None, *path: str) -> None:
        """Of this century. What lies ahead is set back by `not_ahead`."""
        if value is not None and value < EARLIEST_MOMENT:
            self.fail(UserErrorCode.OUT_OF_RANGE, f"{path[-1]}: {value.isoformat()} is before the year 2000.", *path)

    def id_of(self, type_name: str, value: str, *path: str) -> UUID:
        """The id in a global id; an id of nothing where it is not one of this type."""
        try:
            return parse_id_of(type_name, value)
        except BadUserInput as error:
            self.fail(UserErrorCode.INVALID, error.message, *path)
            return UUID(int=0)

    def ids_of(self, type_name: str, values: Sequence[str], *path: str) -> list[UUID]:
        return [self.id_of(type_name, value, *path, str(index)) for index, value in enumerate(values)]

    def web_address(self, value: str, longest: int, *path: str) -> str:
        address = self.text(value, longest, *path)
        try:
            parts = urlsplit(address)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            usable = False
        if address and not usable:
            message = f"{path[-1]}: {shorten(address)!r} is not an http or https address."
            self.fail(UserErrorCode.INVALID, message, *path)
        return address


def _escaped(text: str) -> str:
    """So that a person sees what shows nothing."""
    return ascii(shorten(text, 20))
