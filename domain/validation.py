"""Validation of mutation inputs."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from common.text import truncate
from domain.errors import BadUserInput
from domain.ids import IdT, parse_global_id_as
from domain.text import is_single_line, is_visible_text
from domain.timestamps import MIN_TIMESTAMP
from domain.user_errors import InvalidInput, UserError, UserErrorCode


def require_found(ids: Sequence[UUID], known: Collection[UUID], message: str, path: str) -> None:
    """Raises InvalidInput with a NOT_FOUND for each unknown id, whose path has its index."""
    errors = [
        UserError(UserErrorCode.NOT_FOUND, message, (path, str(index)))
        for index, id in enumerate(ids)
        if id not in known
    ]
    if errors:
        raise InvalidInput(*errors)


def validated_id(id_type: Callable[[UUID], IdT], value: str, path: str) -> IdT:
    """The id in a global id of this type. Raises InvalidInput."""
    validator = Validator()
    id = validator.parse_id(id_type, value, path)
    validator.raise_if_invalid()
    return id


def validated_ids(id_type: Callable[[UUID], IdT], values: Sequence[str], maximum: int, path: str) -> list[IdT]:
    """The ids in 1 to `maximum` global ids of this type. Raises InvalidInput."""
    validator = Validator()
    validator.size(values, maximum, path)
    validator.raise_if_invalid()
    ids = validator.parse_ids(id_type, values, path)
    validator.raise_if_invalid()
    return ids


class Validator:
    """Collects the errors of all values of an input.

    `prefix` precedes the path of each error. Methods return a usable value even after an error; `raise_if_invalid`
    raises.
    """

    def __init__(self, *prefix: str) -> None:
        self._prefix = prefix
        self.errors: list[UserError] = []

    def raise_if_invalid(self) -> None:
        """Raises InvalidInput with all errors, if there are any."""
        if self.errors:
            raise InvalidInput(*self.errors)

    def add_error(self, code: UserErrorCode, message: str, *path: str) -> None:
        self.errors.append(UserError(code, message, (*self._prefix, *path)))

    def text(self, value: str, max_length: int, *path: str, empty: bool = False) -> str:
        """Strips whitespace; at most `max_length` characters, at least one of which is visible."""
        text = value.strip()
        if not text:
            if not empty:
                self.add_error(UserErrorCode.REQUIRED, f"{_name(path)} is empty.", *path)
        elif len(text) > max_length:
            self.add_error(
                UserErrorCode.TOO_LONG, f"{_name(path)} has {len(text)} characters; the maximum is {max_length}.", *path
            )
        elif not is_visible_text(text):
            self.add_error(UserErrorCode.REQUIRED, f"{_name(path)}: {_escaped(text)} has no visible characters.", *path)
        return text

    def line(self, value: str, max_length: int, *path: str, empty: bool = False) -> str:
        """A string without line breaks, such as a name or a title."""
        text = self.text(value, max_length, *path, empty=empty)
        # A printable string has one line; `isprintable` takes a third of the time.
        if not text.isprintable() and len(text) <= max_length and not is_single_line(text):
            message = f"{_name(path)}: {_escaped(text)} has line breaks or other control characters."
            self.add_error(UserErrorCode.INVALID, message, *path)
        return text

    def number(self, value: float, minimum: float, maximum: float, *path: str) -> None:
        if not minimum <= value <= maximum:
            self.add_error(
                UserErrorCode.OUT_OF_RANGE, f"{_name(path)}: {value} is outside {minimum} to {maximum}.", *path
            )

    def size(self, values: Sequence[object], maximum: int, *path: str) -> None:
        """1 to `maximum` items."""
        if not values:
            self.add_error(UserErrorCode.TOO_SHORT, f"{_name(path)} is empty.", *path)
        elif len(values) > maximum:
            self.add_error(
                UserErrorCode.TOO_LONG, f"{_name(path)} has {len(values)} items; the maximum is {maximum}.", *path
            )

    def timestamp(self, value: datetime | None, *path: str) -> None:
        """Not before the year 2000. Clamp future values with `clamp_to_now`."""
        if value is not None and value < MIN_TIMESTAMP:
            self.add_error(
                UserErrorCode.OUT_OF_RANGE, f"{_name(path)}: {value.isoformat()} is before the year 2000.", *path
            )

    def parse_id(self, id_type: Callable[[UUID], IdT], value: str, *path: str) -> IdT:
        """The id in a global id of this type; the nil UUID after an error."""
        try:
            return parse_global_id_as(id_type, value)
        except BadUserInput as error:
            self.add_error(UserErrorCode.INVALID, error.message, *path)
            return id_type(UUID(int=0))

    def parse_ids(self, id_type: Callable[[UUID], IdT], values: Sequence[str], *path: str) -> list[IdT]:
        return [self.parse_id(id_type, value, *path, str(index)) for index, value in enumerate(values)]

    def url(self, value: str, max_length: int, *path: str) -> str:
        address = self.text(value, max_length, *path)
        try:
            parts = urlsplit(address)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            usable = False
        if address and not usable:
            message = f"{_name(path)}: {truncate(address)!r} is not an http or https URL."
            self.add_error(UserErrorCode.INVALID, message, *path)
        return address


def _name(path: Sequence[str]) -> str:
    """The input field for messages, with the index of an item of a list."""
    return ".".join(path[-2:]) if path[-1].isdecimal() else path[-1]


def _escaped(text: str) -> str:
    """Makes invisible characters visible."""
    return ascii(truncate(text, 20))
