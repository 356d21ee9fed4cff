"""Sends hostile requests for streams, and reads the first response."""

import asyncio
import json
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.schema.hostile_platform import Platform, check_body
from tests.schema.hostile_values import as_json, hostile_value
from tests.streams import ACCEPT, SSE, WEBSOCKET

# Valid close codes: those of the protocol and of a message that is too long. 1011 is an internal error.
CLOSE_CODES = {1009, 4400, 4401, 4403, 4409, 4429}
# Above the server's limit, and below httpx's.
LONGEST_ADDRESS = 60_000
# A WebSocket that waits for events sends nothing by itself.
_SILENCE_SECONDS = 5
# The start of an event in each framing, and the keep-alives of a stream without events.
_EVENT = {SSE: "event: ", "multipart": '{"payload":'}
_KEEP_ALIVES = {SSE: ":\n\n:\n\n", "multipart": "\r\n\r\n{}\r\n--graphql"}


@dataclass(frozen=True)
class StreamRequest:
    """`parameters`: by name, possibly invalid JSON values. `last_event_id`: None to omit it."""

    transport: str
    role: str | None
    parameters: dict[str, str]
    last_event_id: bytes | None
    is_get: bool

    async def send(self, platform: Platform, details: str) -> str:
        """The kind of the first response: `closed`, `error`, `event` or `open`."""
        if self.transport == WEBSOCKET:
            return await self._send_message(platform, details)
        return await self._send_request(platform, details)

    async def _send_request(self, platform: Platform, details: str) -> str:
        client = platform.client
        headers = {b"Accept": ACCEPT[self.transport].encode(), b"GraphQL-Require-Preflight": b"1"}
        if self.role:
            headers[b"Authorization"] = f"Bearer {client.token(self.role)}".encode()
        if self.last_event_id is not None:
            headers[b"Last-Event-ID"] = self.last_event_id
        # Values that cannot be encoded in a URL are omitted.
        texts = {name: _as_parameter(name, text) for name, text in self.parameters.items()}
        encoded = urlencode({name: text.encode(errors="replace") for name, text in texts.items()})
        if self.is_get and len(encoded) < LONGEST_ADDRESS:
            stream = client.http.stream("GET", f"/graphql?{encoded}", headers=headers)
        else:
            headers[b"Content-Type"] = b"application/json"
            stream = client.http.stream("POST", "/graphql", content=_as_object(self.parameters), headers=headers)
        async with stream as response:
            assert response.status_code < 500, details
            if not response.headers["content-type"].startswith(("text/event-stream", "multipart/mixed")):
                check_body(await response.aread(), details)
                return "error"
            assert response.status_code == 200, details
            return await self._first(response, details)

    async def _first(self, response: httpx.Response, details: str) -> str:
        received = ""
        async for text in response.aiter_text():
            received += text
            if _EVENT[self.transport] in received and received.endswith(("\n\n", "--graphql", "--\r\n")):
                break
            if _KEEP_ALIVES[self.transport] in received:
                return "open"
        _, _, event = received.partition(_EVENT[self.transport])
        if self.transport == SSE:
            kind, *lines = event.split("\n\n")[0].split("\n")
            if kind == "complete":
                return "open"
            body = next(line.removeprefix("data: ") for line in lines if line.startswith("data: "))
        else:
            if not event:
                return "open"
            body = event.partition("}\r\n--graphql")[0]
        check_body(body.encode(), details)
        return "error" if '"errors":' in body else "event"

    async def _send_message(self, platform: Platform, details: str) -> str:
        headers = {} if self.last_event_id is None else {"Last-Event-ID": self.last_event_id.decode("latin-1")}
        token = platform.client.token(self.role) if self.role else None
        try:
            async with _connection(platform, headers) as socket:
                await socket.send(json.dumps({"type": "connection_init", "payload": authorization(token)}))
                await socket.send(f'{{"type": "subscribe", "id": "1", "payload": {_as_object(self.parameters)}}}')
                try:
                    # Nothing may have happened after the last event.
                    async with asyncio.timeout(None if self.last_event_id is None else _SILENCE_SECONDS):
                        message = await _first_message(socket, details)
                except TimeoutError:
                    return "open"
                if message["type"] == "complete":
                    return "open"
                check_body(json.dumps(message["payload"]).encode(), details)
                return "error" if message["type"] == "error" or "errors" in message["payload"] else "event"
        except ConnectionClosed as closed:
            check_close(closed, details)
            return "closed"


async def _first_message(socket: ClientConnection, details: str) -> Any:
    """The first message after the acknowledgement."""
    async for text in socket:
        message = json.loads(text)
        if message["type"] != "connection_ack":
            return message
    raise AssertionError(f"Closed without a code. {details}")


async def send_messages(platform: Platform, messages: list[str], details: str) -> str:
    """Sends WebSocket messages, then a ping, which is answered if the socket is still open."""
    try:
        async with _connection(platform, {}) as socket:
            for message in (*messages, '{"type": "ping", "payload": {"last": true}}'):
                await socket.send(message)
            async for text in socket:
                answered = json.loads(text)
                if answered["type"] == "pong" and answered.get("payload") == {"last": True}:
                    return "open"
                if "payload" in answered and answered["type"] in ("next", "error"):
                    check_body(json.dumps(answered["payload"]).encode(), details)
            raise AssertionError(f"Closed without a code. {details}")
    except ConnectionClosed as closed:
        check_close(closed, details)
        return "closed"


def check_close(closed: ConnectionClosed, details: str) -> None:
    assert closed.rcvd is not None, details
    assert closed.rcvd.code in CLOSE_CODES, f"{closed.rcvd} {details}"


def authorization(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def hostile_message(random: Random, platform: Platform) -> str:
    """A WebSocket message of a known type with a wrong part, or of none."""
    kind = random.choice(("connection_init", "ping", "pong", "subscribe", "complete"))
    payload = {"query": json.dumps("subscription { dashboardUpdated { dueNow } }"), "variables": "{}"}
    parts = {"type": json.dumps(kind), "id": json.dumps("1"), "payload": _as_object(payload)}
    wrong = random.choice((*parts, *PARAMETERS, "Authorization", "message"))
    value = as_json(hostile_value(random, "String", platform.ids, platform.cursors))
    if wrong == "message":
        return value
    if wrong in PARAMETERS:
        parts["payload"] = _as_object(payload | {wrong: value})
    elif wrong == "Authorization":
        parts["payload"] = f'{{"Authorization": {value}}}'
    else:
        parts[wrong] = value
    return _as_object(parts)


# The parameters of a GraphQL request, on every transport.
PARAMETERS = ("query", "operationName", "variables", "extensions", "documentId", "onError")


def _connection(platform: Platform, headers: dict[str, str]) -> connect:
    url, protocol = f"ws://{platform.server.address}/graphql", Subprotocol("graphql-transport-ws")
    return connect(url, subprotocols=[protocol], additional_headers=headers)


def _as_object(texts: dict[str, str]) -> str:
    return "{" + ", ".join(f"{json.dumps(name)}: {text}" for name, text in texts.items()) + "}"


def _as_parameter(name: str, text: str) -> str:
    """Documents and names are not encoded as JSON in URLs."""
    if name not in ("query", "operationName", "documentId", "onError"):
        return text
    try:
        return str(json.loads(text))
    except (ValueError, RecursionError):
        return text
