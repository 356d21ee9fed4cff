"""Encodes responses as JSON: small ones in one call, large ones in chunks with yields to the event loop between."""

import asyncio
from collections.abc import Callable, Iterator

import orjson

from engine.budget import ResultLimits
from engine.caching.template import json_default
from engine.errors import Limit, ResponseTooLarge

# Responses with more of either are encoded in chunks. orjson encodes that much in a millisecond.
WHOLE_VALUES = 5_000
WHOLE_BYTES = 256 * 1024

Default = Callable[[object], object]


async def encode(
    value: object, limits: ResultLimits, *, value_count: int, byte_count: int, default: Default = json_default
) -> bytes:
    """`value_count`, `byte_count`: approximate size of the value.

    Raises ResponseTooLarge before it encodes much more than the limit.
    """
    if value_count <= WHOLE_VALUES and byte_count <= WHOLE_BYTES:
        encoded = orjson.dumps(value, default)
        if len(encoded) > limits.bytes:
            raise too_large(limits.bytes)
        return encoded
    chunks: list[bytes] = []
    size = 0
    for chunk in _chunks(value, default, is_top=True):
        size += len(chunk)
        if size > limits.bytes:
            raise too_large(limits.bytes)
        chunks.append(chunk)
        if limits.is_turn_over():
            await asyncio.sleep(0)
    return b"".join(chunks)


def too_large(max_bytes: int) -> ResponseTooLarge:
    return ResponseTooLarge(f"Response exceeds the limit of {max_bytes} bytes.", limit=Limit.RESPONSE_BYTES.value)


def _chunks(value: object, default: Default, *, is_top: bool = False) -> Iterator[bytes]:
    """JSON in chunks small enough for one call of orjson. `is_top`: not inside of a list."""
    if value.__class__ is dict and (is_top or _weight(value) > WHOLE_VALUES):
        if not value:
            yield b"{}"
            return
        separator = b"{"
        for key, item in value.items():
            yield separator + orjson.dumps(key) + b":"
            yield from _chunks(item, default, is_top=is_top)
            separator = b","
        yield b"}"
    elif value.__class__ is list and value and (is_top or _weight(value) > WHOLE_VALUES):
        yield from _list_chunks(value, default)
    else:
        yield orjson.dumps(value, default)


def _list_chunks(items: list[object], default: Default) -> Iterator[bytes]:
    if len(items) <= _WEIGHED_ITEMS:
        yield from _page_chunks(items, default)
        return
    separator = b"["
    number = max(WHOLE_VALUES // _item_weight(items), 1)
    start = 0
    while start < len(items):
        yield separator
        separator = b","
        if number <= 1:
            yield from _chunks(items[start], default)
            start += 1
        else:
            chunk = orjson.dumps(items[start : start + number], default)[1:-1]
            yield chunk
            start += number
            if len(chunk) > 2 * WHOLE_BYTES:
                # These are heavier than the items weighed before.
                number //= 4
    yield b"]"


# All items of a page are weighed: a client may choose its objects.
_WEIGHED_ITEMS = 100


def _page_chunks(items: list[object], default: Default) -> Iterator[bytes]:
    separator = b"["
    part: list[object] = []
    weight = 0
    for item in [*items, _END]:
        own = _weight(item)
        if part and (item is _END or weight + own > WHOLE_VALUES):
            yield separator
            separator = b","
            if len(part) == 1:
                yield from _chunks(part[0], default)
            else:
                yield orjson.dumps(part, default)[1:-1]
            part, weight = [], 0
        part.append(item)
        weight += own
    yield b"]"


_END = object()

# The characters of a string that weigh as much as a value.
_VALUE_CHARACTERS = WHOLE_BYTES // WHOLE_VALUES


def _weight(value: object) -> int:
    """The approximate number of values. Three items of a list stand for all."""
    if value.__class__ is dict:
        return 1 + sum(map(_weight, value.values()))
    if value.__class__ is list:
        return 1 + len(value) * _item_weight(value) if value else 1
    if value.__class__ is str:
        return 1 + len(value) // _VALUE_CHARACTERS
    return 1


def _item_weight(items: list[object]) -> int:
    return max(map(_weight, (items[0], items[len(items) // 2], items[-1])))
