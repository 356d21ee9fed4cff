"""Megabytes in the smallest pieces: pipelined requests, chunks of one byte, fragments and messages of a few bytes."""

from __future__ import annotations

import asyncio
import base64
import os
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from bench.attacks.slow_readers import frame
from bench.attacks.slow_senders import UPGRADE

if TYPE_CHECKING:
    from bench.attacks import Target

CONNECTIONS_OF_EACH = 20
SECONDS = 20
BYTES = 1_000_000
INIT = frame(b'{"type":"connection_init"}')
REQUESTS = b"GET /a HTTP/1.1\r\n\r\n"
CHUNKS = b"1\r\n \r\n"
FRAGMENTS = frame(b"", opcode=0, is_last=False)
MESSAGES = frame(b'{"type":"pong"}')


async def attack(target: Target) -> str:
    """The outcomes of the connections."""
    head = b"POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    ends = Counter(
        await asyncio.gather(
            *(
                _send(target, beginning, pieces)
                for beginning, pieces in (
                    (b"", REQUESTS),
                    (head, CHUNKS),
                    (INIT + frame(b" ", is_last=False), FRAGMENTS),
                    (INIT, MESSAGES),
                )
                for _ in range(CONNECTIONS_OF_EACH)
            )
        )
    )
    return ", ".join(f"{number} × {end}" for end, number in ends.most_common())


async def _send(target: Target, beginning: bytes, piece: bytes) -> str:
    async with target.connected() as (reader, writer):
        try:
            async with asyncio.timeout(SECONDS):
                if beginning.startswith(INIT):
                    writer.write(UPGRADE % base64.b64encode(os.urandom(16)))
                    await reader.readuntil(b"\r\n\r\n")
                reading = asyncio.ensure_future(_discard(reader))
                try:
                    writer.write(beginning + piece * (BYTES // len(piece)))
                    await writer.drain()
                    await reading
                finally:
                    reading.cancel()
            return "closed"
        except TimeoutError:
            return "open"
        except (OSError, EOFError):
            return "reset"


async def _discard(reader: asyncio.StreamReader) -> None:
    with suppress(OSError):
        while await reader.read(65_536):
            pass
