"""Arguments and cursors of Relay connections."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import orjson

from common.text import truncate
from domain.errors import BadUserInput
from domain.ranges import check_range

# The page size without `first` and `last`, and the maximum.
DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 20, 100
_MAX_CURSOR_LENGTH = 2_048


@dataclass(frozen=True, slots=True)
class PageArguments:
    """`size` is 1..100. `backward`: the last `size` items instead of the first."""

    size: int
    after: str | None
    before: str | None
    backward: bool


def page_arguments(
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> PageArguments:
    """Validates the arguments.

    Raises BadUserInput for both `first` and `last`, or a value outside 1..100.
    """
    if first is not None and last is not None:
        raise BadUserInput(f"first and last are mutually exclusive: got first {first} and last {last}.")
    name, size = ("last", last) if last is not None else ("first", DEFAULT_PAGE_SIZE if first is None else first)
    check_range(name, size, 1, MAX_PAGE_SIZE)
    return PageArguments(size, after, before, backward=last is not None)


CursorKey = str | int | float | datetime | UUID


@dataclass(frozen=True, slots=True)
class KeyType:
    """The type of a sort key in a cursor. `bits`: the size of an integer column."""

    type: type[CursorKey]
    bits: int = 0


def encode_cursor(ordering: str, keys: Sequence[CursorKey]) -> str:
    """The position of an item in an ordering; opaque to clients."""
    # `default`: asyncpg's UUID is a subclass, which orjson does not serialize.
    return base64.urlsafe_b64encode(orjson.dumps([ordering, *keys], default=str)).decode().rstrip("=")


def decode_cursor(cursor: str, ordering: str, types: Sequence[KeyType]) -> tuple[CursorKey, ...]:
    """The keys of a cursor.

    Raises BadUserInput for a malformed cursor or one of another ordering.
    """
    if len(cursor) <= _MAX_CURSOR_LENGTH:
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            found, *keys = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            if found == ordering and len(keys) == len(types):
                return tuple(_decode_key(key, type_) for key, type_ in zip(keys, types, strict=True))
        except (binascii.Error, UnicodeError, ValueError, TypeError, OverflowError):
            pass
    raise BadUserInput(f"{truncate(cursor)!r} is not a cursor of this list.")


def _decode_key(key: object, key_type: KeyType) -> CursorKey:
    """A value in the range of its column. Raises ValueError, TypeError or OverflowError."""
    type_ = key_type.type
    if type_ is datetime and isinstance(key, str):
        timestamp = datetime.fromisoformat(key)
        if timestamp.tzinfo is None:
            raise ValueError("a timestamp without an offset")
        # Raises OverflowError close to the limits of `datetime`.
        return timestamp.astimezone(UTC)
    if type_ is UUID and isinstance(key, str):
        return UUID(key)
    if type_ is float and isinstance(key, int) and not isinstance(key, bool):
        return float(key)
    if type(key) is not type_:
        raise TypeError(f"{key!r} is not a {type_.__name__}")
    if isinstance(key, str) and "\x00" in key:
        raise ValueError("a null byte")
    if isinstance(key, int) and not -(1 << key_type.bits - 1) <= key < 1 << key_type.bits - 1:
        raise OverflowError(f"{key} has more than {key_type.bits} bits")
    return key
