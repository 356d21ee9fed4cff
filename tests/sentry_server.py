"""A server that speaks Sentry's protocol: it receives envelopes."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers import app_address

KEY, PROJECT = "0123456789abcdef", "7"


@dataclass
class SentryServer:
    """`text`: all that was received, with headers."""

    dsn: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def receive(self, request: Request) -> Response:
        assert f"sentry_key={KEY}" in request.headers["X-Sentry-Auth"]
        body = await request.body()
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        async with self._changed:
            self.text += f"{dict(request.headers)}{body.decode()}"
            self.events += read_envelope(body)
            self._changed.notify_all()
        return JSONResponse({})

    async def received(self, count: int) -> list[dict[str, Any]]:
        """Wait for this number of events."""
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: len(self.events) >= count)
            return self.events


def read_envelope(body: bytes) -> list[dict[str, Any]]:
    """The events of an envelope: a line of headers, then for each item its headers and its payload."""
    _headers, *lines = body.splitlines()
    events = []
    for headers, payload in zip(lines[::2], lines[1::2], strict=True):
        header = json.loads(headers)
        assert header["length"] == len(payload)
        assert header["type"] == "event"
        events.append(json.loads(payload))
    return events


@asynccontextmanager
async def sentry_server() -> AsyncIterator[SentryServer]:
    server = SentryServer()
    app = Starlette(routes=[Route(f"/api/{PROJECT}/envelope/", server.receive, methods=["POST"])])
    async with app_address(app) as address:
        server.dsn = f"http://{KEY}@{address}/{PROJECT}"
        yield server
