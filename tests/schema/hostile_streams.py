"""Requests for streams as they are sent, with whatever is wrong about them, and the first that the server says."""

import json
from dataclasses import dataclass
from random import Random
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.schema.hostile_platform import Platform, check_body
from tests.schema.hostile_values import as_json, hostile_value
from tests.streams import ACCEPT, SSE, WEBSOCKET

# Of a close: those of the protocol, and that of a message that is too long. 1011 is a mistake of the server's.
CLOSE_CODES = {1009, 4400, 4401, 4403, 4409, 4429}
# Longer than the server reads, and not longer than httpx writes.
LONGEST_ADDRESS = 60_000
# What begins an event in each framing, and what shows that the stream continues without one.
_EVENT = {SSE: "event: ", "multipart": '{"payload":'}
_SIGNS_OF_LIFE = {SSE: ":\n\n:\n\n", "multipart": "\r\n\r\n{}\r\n--graphql"}


@dataclass(frozen=True)
class StreamRequest:
    """`parameters`: JSON, or nearly, by their names in a request. `last_event_id`: None where there is none."""

    transport: str
    role: str | None
    parameters: dict[str, str]
    last_event_id: bytes | None
    is_get: bool

    async def send(self, platform: Platform, told: str) -> str:
        """What the server said first, in a word: `closed`, `error`, `event` or `open`."""
        if self.transport == WEBSOCKET:
            return await self._send_message(platform, told)
        return await self._send_request(platform, told)

    async def _send_request(self, platform: Platform, told: str) -> str:
        client = platform.client
        headers = {b"Accept": ACCEPT[self.transport].encode(), b"GraphQL-Require-Preflight": b"1"}
        if self.role:
            headers[b"Authorization"] = f"Bearer {client.token(self.role)}".encode()
        if self.last_event_id is not None:
            headers[b"Last-Event-ID"] = self.last_event_id
        # What cannot be encoded in an address is omitted.
        texts = {name: _as_parameter(name, text) for name, text in self.parameters.items()}
        encoded = urlencode({name: text.encode(errors="replace") for name, text in texts.items()})
        if self.is_get and len(encoded) < LONGEST_ADDRESS:
            stream = client.http.stream("GET", f"/graphql?{encoded}", headers=headers)
        else:
            headers[b"Content-Type"] = b"application/json"
            stream = client.http.stream("POST", "/graphql", content=_as_object(self.parameters), headers=headers)
        async with stream as response:
            assert response.status_code < 500, told
            if not response.headers["content-type"].startswith(("text/event-stream", "multipart/mixed")):
                check_body(await response.aread(), told)
                return "error"
            assert response.status_code == 200, told
            return await self._first(response, told)

    async def _first(self, response: httpx.Response, told: str) -> str:
        received = ""
        async for text in response.aiter_text():
            received += text
            if _EVENT[self.transport] in received and received.endswith(("\n\n", "--graphql", "--\r\n")):
                break
            if _SIGNS_OF_LIFE[self.transport] in received:
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
        check_body(body.encode(), told)
        return "error" if '"errors":' in body else "event"

    async def _send_message(self, platform: Platform, told: str) -> str:
        headers = {} if self.last_event_id is None else {"Last-Event-ID": self.last_event_id.decode("latin-1")}
        token = platform.client.token(self.role) if self.role else None
        try:
            async with _connection(platform, headers) as socket:
                await socket.send(json.dumps({"type": "connection_init", "payload": authorization(token)}))
                await socket.send(f'{{"type": "subscribe", "id": "1", "payload": {_as_object(self.parameters)}}}')
                async for text in socket:
                    message = json.loads(text)
                    if message["type"] != "connection_ack":
                        break
                if message["type"] == "complete":
                    return "open"
                check_body(json.dumps(message["payload"]).encode(), told)
                return "error" if message["type"] == "error" or "errors" in message["payload"] else "event"
        except ConnectionClosed as closed:
            check_close(closed, told)
            return "closed"


async def send_messages(platform: Platform, messages: list[str], told: str) -> str:
    """Of a WebSocket, from the first one on; then a ping, which is answered where the socket is still open."""
    try:
        async with _connection(platform, {}) as socket:
            for message in (*messages, '{"type": "ping", "payload": {"last": true}}'):
                await socket.send(message)
            async for text in socket:
                answered = json.loads(text)
                if answered["type"] == "pong" and answered.get("payload") == {"last": True}:
                    return "open"
                if "payload" in answered and answered["type"] in ("next", "error"):
                    check_body(json.dumps(answered["payload"]).encode(), told)
            raise AssertionError(f"Closed without a code. {told}")
    except ConnectionClosed as closed:
        check_close(closed, told)
        return "closed"


def check_close(closed: ConnectionClosed, told: str) -> None:
    assert closed.rcvd is not None, told
    assert closed.rcvd.code in CLOSE_CODES, f"{closed.rcvd} {told}"


def authorization(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def hostile_message(random: Random, platform: Platform) -> str:
    """Of a WebSocket: one of its kinds with a wrong part, or none at all."""
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


# Of a GraphQL request, on every transport.
PARAMETERS = ("query", "operationName", "variables", "extensions")


def _connection(platform: Platform, headers: dict[str, str]) -> connect:
    url, protocol = f"ws://{platform.server.address}/graphql", Subprotocol("graphql-transport-ws")
    return connect(url, subprotocols=[protocol], additional_headers=headers)


def _as_object(texts: dict[str, str]) -> str:
    return "{" + ", ".join(f"{json.dumps(name)}: {text}" for name, text in texts.items()) + "}"


def _as_parameter(name: str, text: str) -> str:
    """A document and a name stand in an address as they are."""
    if name not in ("query", "operationName"):
        return text
    try:
        return str(json.loads(text))
    except (ValueError, RecursionError):
        return text
