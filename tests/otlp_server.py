"""A collector of traces: a server of OTLP over HTTP with JSON bodies."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers import app_address


@dataclass(frozen=True)
class ReceivedSpan:
    """A span, checked against the JSON of OTLP. `parent`: None for the root of a trace without a parent."""

    trace_id: str
    id: str
    parent: str | None
    name: str
    kind: int
    start: int
    end: int
    attributes: Mapping[str, Any]
    links: list[tuple[str, str]]
    is_error: bool
    state: str
    resource: Mapping[str, Any]

    @classmethod
    def parse(cls, span: dict[str, Any], resource: Mapping[str, Any]) -> "ReceivedSpan":
        trace_id, id, parent = span["traceId"], span["spanId"], span.get("parentSpanId")
        assert len(bytes.fromhex(trace_id)) == 16
        assert all(len(bytes.fromhex(value)) == 8 for value in (id, parent) if value is not None)
        start, end = span["startTimeUnixNano"], span["endTimeUnixNano"]
        assert isinstance(start, str)
        assert int(start) <= int(end)
        links = [(link["traceId"], link["spanId"]) for link in span.get("links", ())]
        is_error = span.get("status", {}).get("code") == 2
        attributes = read_attributes(span["attributes"])
        times, state = (int(start), int(end)), span.get("traceState", "")
        return cls(
            trace_id, id, parent, span["name"], span["kind"], *times, attributes, links, is_error, state, resource
        )


def read_attributes(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    found = {}
    for attribute in attributes:
        [(kind, value)] = attribute["value"].items()
        found[attribute["key"]] = {"stringValue": str, "intValue": int, "doubleValue": float, "boolValue": bool}[kind](
            value
        )
    assert len(found) == len(attributes)
    return found


@dataclass
class OtlpServer:
    """`answers`: the responses to the next requests, in order; after these, success. `text`: all that was received."""

    address: str = ""
    answers: deque[Response] = field(default_factory=deque)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    spans: list[ReceivedSpan] = field(default_factory=list)
    text: str = ""
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def receive(self, request: Request) -> Response:
        assert request.headers["content-type"] == "application/json"
        body = (await request.body()).decode()
        answer = self.answers.popleft() if self.answers else JSONResponse({"partialSuccess": {}})
        async with self._changed:
            self.headers.append(dict(request.headers))
            if answer.status_code == 200:
                self.text += body
                self.spans += parse_spans(json.loads(body))
            self._changed.notify_all()
        return answer

    async def requested(self, times: int) -> None:
        """Wait for this number of requests."""
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: len(self.headers) >= times)

    async def trace(self, root: str) -> list[ReceivedSpan]:
        """Wait for a trace by the name of its root, which is the first of its spans."""
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: any(span.name == root for span in self.spans))
            found = next(span for span in self.spans if span.name == root)
            same = [span for span in self.spans if span.trace_id == found.trace_id]
            assert all(span.parent in {other.id for other in same} for span in same if span is not found)
            return [found, *(span for span in same if span is not found)]


def parse_spans(body: dict[str, Any]) -> list[ReceivedSpan]:
    found = []
    for resource_spans in body["resourceSpans"]:
        resource = read_attributes(resource_spans["resource"]["attributes"])
        assert resource["service.name"] == "shinjp"
        for scope_spans in resource_spans["scopeSpans"]:
            found += [ReceivedSpan.parse(span, resource) for span in scope_spans["spans"]]
    return found


@asynccontextmanager
async def otlp_server() -> AsyncIterator[OtlpServer]:
    server = OtlpServer()
    app = Starlette(routes=[Route("/v1/traces", server.receive, methods=["POST"])])
    async with app_address(app) as address:
        server.address = f"http://{address}"
        yield server
