"""Responses are sent as uvicorn sends them, byte for byte."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from server.transport.response_cycle import ResponseCycle

Message = dict[str, Any]


class Transport:
    """Records what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.is_closed = True


class Flow:
    """A client that reads everything."""

    write_paused = False


class Sent:
    """What a cycle did with messages: its bytes, its state, and the exception."""

    def __init__(
        self, kind: type[RequestResponseCycle], messages: Sequence[Message], *, method: str, keep_alive: bool
    ) -> None:
        self.transport = Transport()
        self.completed = 0
        transport: Any = self.transport
        flow: Any = Flow()
        scope: Any = {"method": method}
        self.cycle = kind(
            scope, transport, flow, logging.getLogger(), logging.getLogger(), access_log=False,
            default_headers=[(b"date", b"today")], message_event=asyncio.Event(), expect_100_continue=False,
            keep_alive=keep_alive, on_response=self._on_response,
        )  # fmt: skip
        self.cycle.more_body = False
        self.error: str | None = None
        try:
            # Nothing is awaited that suspends, so that no event loop is needed.
            self._send(messages).send(None)
        except StopIteration:
            pass
        except (RuntimeError, ValueError) as error:
            self.error = str(error)

    def _on_response(self) -> None:
        self.completed += 1

    async def _send(self, messages: Sequence[Any]) -> None:
        for message in messages:
            await self.cycle.send(message)

    def state(self) -> dict[str, object]:
        cycle = self.cycle
        return {
            "error": self.error,
            "written": self.transport.written,
            "closed": self.transport.is_closed,
            "completed": self.completed,
            "keep_alive": cycle.keep_alive,
            "flags": (cycle.response_started, cycle.response_complete, cycle.message_event.is_set()),
            "body": (cycle.chunked_encoding, cycle.expected_content_length),
        }


def start(*headers: tuple[bytes, bytes], status: int = 200) -> Message:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(content: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": more}


LENGTH = (b"content-length", b"2")
TYPE = (b"content-type", b"text/plain; charset=utf-8")

EXAMPLES: dict[str, list[Message]] = {
    "complete": [start(LENGTH, TYPE), body(b"ok")],
    "upper case": [start((b"Content-Length", b"2"), (b"X-Name", b"a\tb")), body(b"ok")],
    "parts": [start(LENGTH), body(b"o", more=True), body(b"k")],
    "chunked": [start(TYPE), body(b"ok", more=True), body(b"")],
    "chunked explicitly": [start((b"transfer-encoding", b"chunked"), LENGTH), body(b"ok")],
    "closing": [start(LENGTH, (b"connection", b"close")), body(b"ok")],
    "empty": [start((b"content-length", b"0"), status=204), {"type": "http.response.body"}],
    "not modified": [start(status=304), body(b"")],
    "too long": [start(LENGTH), body(b"okay")],
    "too short": [start(LENGTH), body(b"o")],
    "two lengths": [start(LENGTH, (b"content-length", b"3")), body(b"ok")],
    "no number": [start((b"content-length", b"+2")), body(b"ok")],
    "injected": [start(LENGTH, (b"x-name", b"a\r\nset-cookie: b")), body(b"ok")],
    "null character": [start(LENGTH, (b"x-name", b"a\x00")), body(b"ok")],
    "bad name": [start(LENGTH, (b"x name", b"a")), body(b"ok")],
    "body first": [body(b"ok")],
    "started twice": [start(LENGTH), start(LENGTH)],
    "complete twice": [start(LENGTH), body(b"ok"), body(b"ok")],
}


@pytest.mark.parametrize("messages", EXAMPLES.values(), ids=EXAMPLES)
@pytest.mark.parametrize("method", ["POST", "HEAD"])
@pytest.mark.parametrize("keep_alive", [True, False])
def test_bytes_and_state_equal_those_of_uvicorn(messages: list[Message], method: str, *, keep_alive: bool) -> None:
    states = [
        Sent(kind, messages, method=method, keep_alive=keep_alive).state()
        for kind in (RequestResponseCycle, ResponseCycle, ResponseCycle)
    ]
    assert states[1] == states[0]
    # Names of headers are cached now.
    assert states[2] == states[0]


_NAMES = st.sampled_from([b"content-length", b"x-a", b"X-A", b"vary", b"a b", b"connection"]) | st.binary(max_size=4)
_VALUES = st.sampled_from([b"2", b"02", b"close", b"a\tb", b"\x7f"]) | st.binary(max_size=4)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(_NAMES, _VALUES), max_size=5), st.binary(max_size=3))
def test_any_headers_are_sent_as_by_uvicorn(headers: list[tuple[bytes, bytes]], content: bytes) -> None:
    messages = [start(*headers), body(content)]
    expected, sent = (
        Sent(kind, messages, method="POST", keep_alive=True).state() for kind in (RequestResponseCycle, ResponseCycle)
    )
    if isinstance(expected["error"], str):
        assert sent["error"] == expected["error"]
    else:
        assert sent == expected
