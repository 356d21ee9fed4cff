"""Chunked responses equal orjson's output, and encoding stops at the limit."""

import asyncio
import sys
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import orjson
import pytest

from engine.budget import ResultLimits, Turn
from engine.caching.template import Hole, RenderedTemplate, Template, json_default
from engine.errors import ResponseTooLarge
from engine.run.encoding import WHOLE_BYTES, WHOLE_VALUES, encode


def random_value(random: Random, depth: int) -> Any:
    kind = random.randrange(6)
    if kind == 0 and depth:
        return {f"key{number}": random_value(random, depth - 1) for number in range(random.choice([0, 1, 5]))}
    if kind in (1, 2) and depth:
        length = random.choice([0, 1, 2, 2 * WHOLE_VALUES if depth == 1 else 10])
        return [random_value(random, depth - 1) for _ in range(length)]
    if kind == 3 and depth:
        return "x" * 300_000
    return random.choice([None, True, 7, 1.5, "word", '言葉\n"', orjson.Fragment(b"[1]")])


async def in_pieces(value: object, limits: ResultLimits) -> bytes:
    return await encode(value, limits, value_count=sys.maxsize, byte_count=sys.maxsize)


@pytest.mark.parametrize("seed", range(40))
async def test_chunks_equal_orjson_output(seed: int) -> None:
    random = Random(seed)
    value = {"data": {f"field{number}": random_value(random, 4) for number in range(3)}}
    assert await in_pieces(value, ResultLimits()) == orjson.dumps(value)


async def test_holes_are_filled_in_chunks() -> None:
    template = Template([b'{"id":1,"mine":', b"}"], [Hole(0, UUID(int=1), ("mine",))])
    rows = []
    for number in range(3 * WHOLE_VALUES):
        row = RenderedTemplate(template)
        row.slots[0]["mine"] = number
        rows.append(row)
    assert await in_pieces({"data": rows}, ResultLimits()) == orjson.dumps({"data": rows}, json_default)


async def test_page_of_unequal_items_is_chunked_by_weight() -> None:
    """Whatever the first, middle and last items are."""
    heavy, light = {"rows": [["x" * 500] * 1_000 for _ in range(100)]}, {"rows": [["x"]]}
    written = count()

    def write(_: object) -> str:
        next(written)
        return "x"

    cannot_be_encoded: Any = object()
    heavy["rows"][0].append(cannot_be_encoded)
    page = [heavy if number % 10 == 5 else light for number in range(100)]
    limits = ResultLimits(bytes=1_000_000)
    with pytest.raises(ResponseTooLarge):
        await encode({"nodes": page}, limits, value_count=sys.maxsize, byte_count=0, default=write)
    assert next(written) == 1


@pytest.mark.parametrize("is_nested", [False, True])
async def test_encoding_stops_at_limit(is_nested: bool) -> None:
    """The default counts the values that are encoded."""
    written = count()
    text = "x" * 1_000

    def write(_: object) -> str:
        next(written)
        return text

    row: Any = [object() for _ in range(50)]
    rows = [{"a": {"b": row}} for _ in range(1_000)] if is_nested else [object() for _ in range(50_000)]
    with pytest.raises(ResponseTooLarge, match=r"^Response exceeds the limit of 1000000 bytes\.$"):
        await encode(
            {"data": rows}, ResultLimits(bytes=1_000_000), value_count=sys.maxsize, byte_count=0, default=write
        )
    # Chunks have a number of values, reduced if these are long.
    assert next(written) <= 1_000 + WHOLE_VALUES


async def test_limit_counts_bytes() -> None:
    """Three for each of these letters, and two for the quotes."""
    for value_count in (0, sys.maxsize):
        assert len(await encode("言" * 333, ResultLimits(bytes=1_001), value_count=value_count, byte_count=0)) == 1_001
        with pytest.raises(ResponseTooLarge):
            await encode("言" * 333, ResultLimits(bytes=1_000), value_count=value_count, byte_count=0)


async def test_other_tasks_run_between_chunks() -> None:
    """The clock advances by a turn with each reading."""
    ticks = count()
    turns = 0

    async def watch() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    value = ["x" * 100] * (10 * WHOLE_VALUES)
    chunks = len(value) * 100 // WHOLE_BYTES
    await in_pieces(value, ResultLimits(turn=Turn(1, clock=lambda: float(next(ticks)))))
    watching.cancel()
    assert turns >= chunks // 2
