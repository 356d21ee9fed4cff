"""Clients that request large responses, streams and exports, and do not read them.

60 connections request megabytes, three times each, 20 WebSockets ten times as much, and three learners exports. Their
receive buffers are small, so that unread data stays at the server. Another learner must still get an export.
"""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import orjson

from server.auth.development_tokens import issue_token
from server.settings import Settings

if TYPE_CHECKING:
    from bench.attacks import Target

# The limit of unsent data in a process, and data produced meanwhile.
MAX_GROWTH_MIB = 320
CONNECTIONS, SOCKETS, OPERATIONS = 60, 20, 10
SECONDS = 45
WORDS = "vocabulary { id word reading meanings jlptLevel }"


async def attack(target: Target) -> str:
    """The number of open connections, and the time that a learner waited for an export."""
    held = [await _ask(target, _post(_query(number)) * 3) for number in range(CONNECTIONS)]
    held += [await _open_websocket(target) for _ in range(SOCKETS)]
    settings = Settings.load()
    for subject in ("slow-1", "slow-2", "slow-3"):
        held.append(await _ask(target, _get("/exports/cards.csv", issue_token(settings, subject))))
    started_at = time.monotonic()
    waited = await _export(target)
    await asyncio.sleep(max(0.0, SECONDS - (time.monotonic() - started_at)))
    left = sum([await _is_open(connection) for connection in held])
    for connection in held:
        connection.close()
    return f"{left} of {len(held)} connections are left; a file took {waited:.1f} s next to them"


def _query(number: int) -> str:
    return f"{{ a{number}: textbooks(first: 20) {{ nodes {{ id title chapters {{ id title content {WORDS} }} }} }} }}"


def _post(query: str) -> bytes:
    body = orjson.dumps({"query": query})
    return (
        b"POST /graphql HTTP/1.1\r\nHost: attacker\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
        % (len(body), body)
    )


def _get(path: str, token: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: attacker\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


async def _ask(target: Target, request: bytes) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(connection, (target.host, target.port))
    with suppress(OSError):
        await loop.sock_sendall(connection, request)
    return connection


async def _open_websocket(target: Target) -> socket.socket:
    key = base64.b64encode(os.urandom(16))
    handshake = (
        b"GET /graphql HTTP/1.1\r\nHost: attacker\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: %b\r\n\r\n"
    )
    connection = await _ask(target, handshake % key)
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(10):
            await asyncio.get_running_loop().sock_recv(connection, 4_096)
            messages: list[dict[str, object]] = [{"type": "connection_init"}]
            messages += [
                {"type": "subscribe", "id": str(number), "payload": {"query": _query(number)}}
                for number in range(OPERATIONS)
            ]
            for message in messages:
                await asyncio.get_running_loop().sock_sendall(connection, frame(orjson.dumps(message)))
    return connection


def frame(payload: bytes, *, opcode: int = 1, is_last: bool = True) -> bytes:
    """A masked WebSocket frame, whose mask is zero."""
    first = bytes([opcode | (0x80 if is_last else 0)])
    if len(payload) < 126:
        return first + bytes([0x80 | len(payload)]) + bytes(4) + payload
    return first + bytes([0x80 | 126]) + len(payload).to_bytes(2, "big") + bytes(4) + payload


async def _export(target: Target) -> float:
    """Raises RuntimeError if there is no export within 20 seconds."""
    started_at = time.monotonic()
    headers = {"Authorization": f"Bearer {target.token}"}
    async with httpx.AsyncClient(base_url=target.url, timeout=60) as client:
        while time.monotonic() < started_at + 20:
            response = await client.get("/exports/reviews.csv", headers=headers)
            if response.status_code == 200:
                return time.monotonic() - started_at
            await asyncio.sleep(1)
    raise RuntimeError(f"no export next to slow readers: {response.status_code} {response.text[:200]}")


async def _is_open(connection: socket.socket) -> bool:
    """Whether the server has neither closed nor reset the connection, after reading all received data."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(0.2):
            while await loop.sock_recv(connection, 1_048_576):
                pass
    except TimeoutError:
        return True
    except OSError:
        return False
    return False
