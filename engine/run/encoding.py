"""Writes answers as JSON: small ones at a stroke, large ones in pieces, between which other tasks run."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from engine.caching.template import spliced
from engine.errors import ResponseTooLarge
from engine.run.budget import ResultLimits

# What has more of either is written in pieces. orjson writes as much in a millisecond.
WHOLE_VALUES = 5_000
WHOLE_BYTES = 256 * 1024

Default = Callable[[Any], Any]


async def encode(
    value: object, limits: ResultLimits, *, value_count: int, byte_count: int, default: Default = spliced
) -> bytes:
    """`value_count`, `byte_count`: about how many it has.

    Raises ResponseTooLarge before much more than allowed is written.
    """
    if value_count <= WHOLE_VALUES and byte_count <= WHOLE_BYTES:
        encoded = orjson.dumps(value, default)
        if len(encoded) > limits.bytes:
            raise too_large(limits.bytes)
        return encoded
    pieces: list[bytes] = []
    size = 0
    for piece in _pieces(value, default, is_top=True):
        size += len(piece)
        if size > limits.bytes:
            raise too_large(limits.bytes)
        pieces.append(piece)
        if limits.is_turn_over():
            await asyncio.sleep(0)
    return b"".join(pieces)


def too_large(max_bytes: int) -> ResponseTooLarge:
    return ResponseTooLarge(f"Response exceeds the limit of {max_bytes} bytes.")


def _pieces(value: Any, default: Default, *, is_top: bool = False) -> Iterator[bytes]:
    """JSON, in parts of about as much as may be written at a stroke. `is_top`: no list is around it."""
    if value.__class__ is dict and (is_top or _weight(value) > WHOLE_VALUES):
        if not value:
            yield b"{}"
            return
        separator = b"{"
        for key, item in value.items():
            yield separator + orjson.dumps(key) + b":"
            yield from _pieces(item, default, is_top=is_top)
            separator = b","
        yield b"}"
    elif value.__class__ is list and value and (is_top or _weight(value) > WHOLE_VALUES):
        yield from _list_pieces(value, default)
    else:
        yield orjson.dumps(value, default)


def _list_pieces(items: list[Any], default: Default) -> Iterator[bytes]:
    if len(items) <= _WEIGHED_ITEMS:
        yield from _page_pieces(items, default)
        return
    separator = b"["
    number = max(WHOLE_VALUES // _item_weight(items), 1)
    start = 0
    while start < len(items):
        yield separator
        separator = b","
        if number <= 1:
            yield from _pieces(items[start], default)
            start += 1
        else:
            piece = orjson.dumps(items[start : start + number], default)[1:-1]
            yield piece
            start += number
            if len(piece) > 2 * WHOLE_BYTES:
                # They are heavier than those that were looked at.
                number //= 4
    yield b"]"


# Of a page, whose objects a client may choose, each is weighed.
_WEIGHED_ITEMS = 100


def _page_pieces(items: list[Any], default: Default) -> Iterator[bytes]:
    separator = b"["
    part: list[Any] = []
    weight = 0
    for item in [*items, _END]:
        own = _weight(item)
        if part and (item is _END or weight + own > WHOLE_VALUES):
            yield separator
            separator = b","
            if len(part) == 1:
                yield from _pieces(part[0], default)
            else:
                yield orjson.dumps(part, default)[1:-1]
            part, weight = [], 0
        part.append(item)
        weight += own
    yield b"]"


_END = object()

# A string of so many characters weighs as much as a value.
_VALUE_CHARACTERS = WHOLE_BYTES // WHOLE_VALUES


def _weight(value: Any) -> int:
    """About how many values it has. Of a list, three items are looked at."""
    if value.__class__ is dict:
        return 1 + sum(map(_weight, value.values()))
    if value.__class__ is list:
        return 1 + len(value) * _item_weight(value) if value else 1
    if value.__class__ is str:
        return 1 + len(value) // _VALUE_CHARACTERS
    return 1


def _item_weight(items: list[Any]) -> int:
    return max(map(_weight, (items[0], items[len(items) // 2], items[-1])))
